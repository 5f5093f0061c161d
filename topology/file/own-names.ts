import { withoutPrototype } from "../own-property.ts";
import type { Cluster } from "./cluster.ts";
import type { ReplicationEntry } from "./replication.ts";
import type { Topology } from "./schema.ts";

/**
 * A copy of a topology in which a reference to a peer or collection called `constructor` does not find the property
 * that every object inherits.
 */
export function ownNamesOnly(topology: Topology): Topology {
  const { clusters, peers, apps, replications } = topology;
  const entries = Object.entries(replications).map(([name, entry]) => [name, ownKeysOnly(entry)] as const);
  const withOwnWays = Object.entries(clusters).map(([name, cluster]) => [name, ownWaysOnly(cluster)] as const);
  return {
    ...topology,
    clusters: withoutPrototype(Object.fromEntries(withOwnWays)),
    peers: withoutPrototype(peers),
    apps: withoutPrototype(apps),
    replications: withoutPrototype(Object.fromEntries(entries)),
  };
}

function ownWaysOnly(cluster: Cluster): Cluster {
  const { ingresses, exposures } = cluster;
  return {
    ...cluster,
    ...(ingresses ? { ingresses: withoutPrototype(ingresses) } : {}),
    ...(exposures ? { exposures: withoutPrototype(exposures) } : {}),
  };
}

function eachWithoutPrototype(records: NonNullable<ReplicationEntry["perSpoke"]>) {
  return Object.fromEntries(Object.entries(records).map(([name, record]) => [name, withoutPrototype(record)]));
}

function ownKeysOnly(entry: ReplicationEntry): ReplicationEntry {
  const { queries, up, down, perSpoke, port, address, probe } = entry;
  return {
    ...entry,
    ...(queries ? { queries: withoutPrototype(queries) } : {}),
    ...(up ? { up: withoutPrototype(up) } : {}),
    ...(down ? { down: withoutPrototype(down) } : {}),
    ...(perSpoke ? { perSpoke: withoutPrototype(eachWithoutPrototype(perSpoke)) } : {}),
    ...(typeof port === "object" ? { port: withoutPrototype(port) } : {}),
    ...(typeof address === "object" ? { address: withoutPrototype(address) } : {}),
    ...(probe ? { probe: withoutPrototype(probe) } : {}),
  };
}
