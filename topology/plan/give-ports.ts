import { nextFreePort, type PortRange, reservedPorts } from "./ports.ts";

/** Something that wants a port of its own. */
export interface PortRequest {
  readonly id: string;
  /** Every namespace of ports that it takes a port in; no two requests get one port in one namespace. */
  readonly namespaces: readonly string[];
  readonly range: PortRange;
  /** The port that it gets where nobody has it before. */
  readonly preferred: number;
  /** How strong its claim to that port is: a lower rank chooses first. @default the same for all */
  readonly rank?: number;
}

/**
 * A port for each request. Every request that can have its preferred port gets it, in the order of the ranks and then of the list; after
 * them, in the same order, the others get the next free port of their range. A request for which none is left has no entry.
 * @param reserved ports that nobody may have
 */
export function givePorts(
  requests: readonly PortRequest[],
  reserved: ReadonlySet<number> = reservedPorts,
): ReadonlyMap<string, number> {
  const given = new Map<string, number>();
  const taken = new Map<string, Set<number>>();
  const isTaken = ({ namespaces }: PortRequest, port: number) =>
    reserved.has(port) || namespaces.some((name) => taken.get(name)?.has(port));
  const give = (request: PortRequest, port: number) => {
    given.set(request.id, port);
    for (const name of request.namespaces) taken.set(name, (taken.get(name) ?? new Set()).add(port));
  };
  const ordered = [...requests].sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  for (const request of ordered) {
    const { preferred, range } = request;
    if (preferred >= range.first && preferred <= range.last && !isTaken(request, preferred)) give(request, preferred);
  }
  for (const request of ordered) {
    if (given.has(request.id)) continue;
    const port = nextFreePort(request.range, request.preferred, { has: (each) => isTaken(request, each) });
    if (port !== undefined) give(request, port);
  }
  return given;
}
