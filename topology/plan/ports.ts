import { createHash } from "node:crypto";

/** The ports that an ingress controller may give to replications, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * The port of one exposed target: a hash of its name within the range. It depends on nothing else, so adding or
 * removing a replication never moves the port of another. The price is that two may clash, and then a rule names a free
 * port to pin. The name of the cluster is not part of it, since a firewall that lets the port through does not follow
 * when a cluster is renamed.
 */
export function portOf(range: PortRange, replication: string, peer: string): number {
  const digest = createHash("sha256").update(`${peer}/${replication}`).digest();
  return range.first + (digest.readUInt32BE(0) % (range.last - range.first + 1));
}

/** HTTP, HTTPS, and what ingress-nginx itself listens on: webhook, status, default backend and metrics. */
export const reservedPorts: ReadonlySet<number> = new Set([80, 442, 443, 8181, 8443, 10245, 10246, 10247, 10254]);

/**
 * The first free port from a given one on, continuing at the start of the range after its end; undefined where every
 * port is taken or is the controller's own.
 */
export function nextFreePort(
  range: PortRange,
  from: number,
  taken: Pick<ReadonlySet<number>, "has">,
): number | undefined {
  const size = range.last - range.first + 1;
  for (let step = 0; step < size; step++) {
    const port = range.first + ((Math.max(from, range.first) - range.first + step) % size);
    if (!taken.has(port) && !reservedPorts.has(port)) return port;
  }
  return undefined;
}
