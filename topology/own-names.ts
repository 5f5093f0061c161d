import type { Cluster, ReplicationEntry, Topology } from "./schema.ts";

/** A topology in which a reference to a peer or collection called `constructor` does not find what every object inherits. */
export function ownNamesOnly(topology: Topology): Topology {
  const { clusters, peers, apps, replications } = topology;
  const entries = Object.entries(replications).map(([name, entry]) => [name, ownKeysOnly(entry)] as const);
  const withOwnIngresses = Object.entries(clusters).map(
    ([name, cluster]) => [name, ownIngressesOnly(cluster)] as const,
  );
  return {
    ...topology,
    clusters: bare(Object.fromEntries(withOwnIngresses)),
    peers: bare(peers),
    apps: bare(apps),
    replications: bare(Object.fromEntries(entries)),
  };
}

function ownIngressesOnly(cluster: Cluster): Cluster {
  return cluster.ingresses ? { ...cluster, ingresses: bare(cluster.ingresses) } : cluster;
}

function ownKeysOnly(entry: ReplicationEntry): ReplicationEntry {
  const { queries, up, down, port, probe } = entry;
  return {
    ...entry,
    ...(queries ? { queries: bare(queries) } : {}),
    ...(up ? { up: bare(up) } : {}),
    ...(down ? { down: bare(down) } : {}),
    ...(typeof port === "object" ? { port: bare(port) } : {}),
    ...(probe ? { probe: bare(probe) } : {}),
  };
}

/** The same members, and none that every object inherits. */
export function bare<T>(record: Record<string, T>): Record<string, T> {
  return Object.assign(Object.create(null), record);
}

/** A member by its name, and nothing that every object inherits. */
export function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}
