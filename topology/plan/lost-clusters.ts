import type { Cluster } from "../file/cluster.ts";
import { isForOneTarget, type ReplicationEntry } from "../file/replication.ts";
import type { Topology } from "../file/schema.ts";

/** A topology without the clusters that are gone for good, and which those are. */
export interface Remaining {
  readonly topology: Topology;
  readonly lost: ReadonlyMap<string, Cluster>;
}

/**
 * Takes the clusters that are marked `lost` out of a topology, with everything that only they had: their peers, their
 * parts of apps, and the replications with fewer than two members left. The file stays as it is, so that the one line
 * `lost` says what happened.
 */
export function withoutLost(topology: Topology): Remaining {
  const lost = new Map(Object.entries(topology.clusters).filter(([, { lost }]) => lost === true));
  if (lost.size === 0) return { topology, lost };
  const gone = new Set(
    Object.entries(topology.peers)
      .filter(([, { cluster }]) => lost.has(cluster))
      .map(([name]) => name),
  );
  const here = (peer: string) => !gone.has(peer);
  const apps = Object.fromEntries(
    Object.entries(topology.apps).map(([name, app]) => [name, { ...app, peers: app.peers.filter(here) }]),
  );
  return {
    lost,
    topology: {
      ...topology,
      clusters: filtered(topology.clusters, (name) => !lost.has(name)),
      peers: Object.fromEntries(
        Object.entries(filtered(topology.peers, here)).map(([name, { trustSecrets, ...peer }]) => [
          name,
          { ...peer, ...(trustSecrets ? { trustSecrets: filtered(trustSecrets, here) } : {}) },
        ]),
      ),
      apps,
      replications: Object.fromEntries(
        Object.entries(topology.replications).flatMap(([name, entry]) => {
          const remaining = remainingReplication(entry, here);
          return remaining ? [[name, remaining]] : [];
        }),
      ),
      confirmRemoval: topology.confirmRemoval.filter(here),
    },
  };
}

/** What remains of a replication; undefined if fewer than two members are left. */
function remainingReplication(entry: ReplicationEntry, here: (peer: string) => boolean): ReplicationEntry | undefined {
  const { between, from, to, hub, perSpoke, port, address } = entry;
  const needed = [...(between ?? []), from, to, hub].filter((peer) => peer !== undefined);
  const spokes = entry.spokes?.filter(here);
  const mesh = entry.mesh?.filter(here);
  if (!needed.every(here) || spokes?.length === 0 || (mesh && mesh.length < 2)) return undefined;
  return {
    ...entry,
    ...(spokes ? { spokes } : {}),
    ...(mesh ? { mesh } : {}),
    ...(perSpoke ? { perSpoke: filtered(perSpoke, here) } : {}),
    ...(typeof port === "object" ? { port: filtered(port, here) } : {}),
    ...(address === undefined || isForOneTarget(address) ? {} : { address: filtered(address, here) }),
  };
}

function filtered<T>(entries: Readonly<Record<string, T>>, keep: (name: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => keep(name)));
}
