import { isForOneTarget, type ReplicationEntry } from "../file/replication.ts";
import type { Topology } from "../file/schema.ts";
import { withoutPrototype } from "../own-property.ts";

/**
 * Puts each standby in the place of the peer for which it stands in (`failover`), in every replication in which others are linked with that
 * peer. The entries of the file stay as they are, so that taking the one line out again undoes all of it.
 */
export function withStandIns(topology: Topology): Topology {
  const pairs = Object.entries(topology.failover);
  if (pairs.length === 0) return topology;
  const replications = Object.entries(topology.replications).map(([name, entry]): [string, ReplicationEntry] => [
    name,
    pairs.reduce((changed, [failed, standby]) => withStandIn(changed, failed, standby), entry),
  ]);
  return { ...topology, replications: withoutPrototype(Object.fromEntries(replications)) };
}

/** The peers of a replication as the file names them. */
export function namedPeers({ between, from, to, hub, spokes, mesh }: ReplicationEntry): string[] {
  return [from, to, hub, ...(between ?? []), ...(spokes ?? []), ...(mesh ?? [])].flatMap((peer) => peer ?? []);
}

/** A replication with a standby in the place of a peer; the same one where the peer has no part in it. */
function withStandIn(entry: ReplicationEntry, failed: string, standby: string): ReplicationEntry {
  const named = namedPeers(entry);
  if (!named.includes(failed)) return entry;
  // Where both have a part already, others are linked with the standby as they were; but a hub is the only one that its spokes dial.
  const swaps = named.includes(standby);
  if (swaps && entry.hub !== failed) return entry;
  const renamed = (peer: string) => (peer === failed ? standby : swaps && peer === standby ? failed : peer);
  const { between, from, to, hub, spokes, mesh, dial, perSpoke, port, adopt } = entry;
  return {
    ...entry,
    ...(between ? { between: between.map(renamed) } : {}),
    ...(from === undefined ? {} : { from: renamed(from) }),
    ...(to === undefined ? {} : { to: renamed(to) }),
    ...(hub === undefined ? {} : { hub: renamed(hub) }),
    ...(spokes ? { spokes: spokes.map(renamed) } : {}),
    ...(mesh ? { mesh: mesh.map(renamed) } : {}),
    ...(dial === undefined ? {} : { dial: renamed(dial) }),
    ...(perSpoke ? { perSpoke: renamedKeys(perSpoke, renamed) } : {}),
    // A port and an address without a peer's name are those of the peer that was the target.
    port: typeof port === "object" ? without(port, failed) : isTarget(entry, failed) ? undefined : port,
    address: addressWithout(entry, failed),
    ...(Array.isArray(adopt) ? { adopt: adopt.filter((peer) => peer !== failed) } : {}),
  };
}

function addressWithout(entry: ReplicationEntry, failed: string): ReplicationEntry["address"] {
  const { address } = entry;
  if (address === undefined || isForOneTarget(address)) return isTarget(entry, failed) ? undefined : address;
  return without(address, failed);
}

/** True if a port or an address that names no peer may be meant for this one: for all but the side that certainly dials. */
function isTarget({ hub, spokes, dial, from, to, between, mesh }: ReplicationEntry, peer: string): boolean {
  const hubDials = dial === "hub" || (dial !== undefined && dial === hub);
  if (hub !== undefined) return hub === peer ? !hubDials : hubDials && spokes?.length === 1;
  const dials = dial === "from" ? from : dial === "to" ? to : (dial ?? from ?? between?.[0] ?? mesh?.[0]);
  return dials !== peer;
}

function renamedKeys<T>(record: Readonly<Record<string, T>>, renamed: (peer: string) => string): Record<string, T> {
  return withoutPrototype(Object.fromEntries(Object.entries(record).map(([peer, value]) => [renamed(peer), value])));
}

function without<T>(record: Readonly<Record<string, T>>, peer: string): Record<string, T> {
  return withoutPrototype(Object.fromEntries(Object.entries(record).filter(([name]) => name !== peer)));
}
