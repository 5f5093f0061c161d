import type { ReplicationEntry, Topology } from "./schema.ts";

/** A topology in which a reference to a peer or collection called `constructor` does not find what every object inherits. */
export function ownNamesOnly(topology: Topology): Topology {
  const { clusters, peers, apps, replications } = topology;
  const entries = Object.entries(replications).map(([name, entry]) => [name, ownKeysOnly(entry)] as const);
  return {
    ...topology,
    clusters: bare(clusters),
    peers: bare(peers),
    apps: bare(apps),
    replications: bare(Object.fromEntries(entries)),
  };
}

function ownKeysOnly(entry: ReplicationEntry): ReplicationEntry {
  const { queries, up, down, port } = entry;
  return {
    ...entry,
    ...(queries ? { queries: bare(queries) } : {}),
    ...(up ? { up: bare(up) } : {}),
    ...(down ? { down: bare(down) } : {}),
    ...(typeof port === "object" ? { port: bare(port) } : {}),
  };
}

function bare<T>(record: Record<string, T>): Record<string, T> {
  return Object.assign(Object.create(null), record);
}
