import { nextFreePort, type PortRange, reservedPorts } from "./ports.ts";

/** Something that wants a port of its own. */
export interface PortRequest {
  readonly id: string;
  /** Every namespace of ports that it takes a port in; no two requests get one port in one namespace. */
  readonly namespaces: readonly string[];
  readonly range: PortRange;
  /** The port that it gets unless somebody else has it already. */
  readonly preferred: number;
  /**
   * The strength of its claim to that port: a lower rank chooses first.
   * @default the same for all
   */
  readonly rank?: number;
  /** Ports that it cannot have. */
  readonly refused?: Pick<ReadonlySet<number>, "has"> | undefined;
  /** Ports that it gets only if its range has no other port left. */
  readonly avoided?: Pick<ReadonlySet<number>, "has"> | undefined;
}

/**
 * A port for each request. Every request that can have its preferred port gets it, in the order of the ranks and then
 * of the list. After them, in the same order, the others get the next free port of their range. A request for which no
 * port is left has no entry.
 * @param reserved ports that nobody may have
 */
export function givePorts(
  requests: readonly PortRequest[],
  reserved: ReadonlySet<number> = reservedPorts,
): ReadonlyMap<string, number> {
  const given = new Map<string, number>();
  const taken = new Map<string, Set<number>>();
  const isTaken = ({ namespaces, refused }: PortRequest, port: number) =>
    reserved.has(port) || refused?.has(port) || namespaces.some((name) => taken.get(name)?.has(port));
  const give = (request: PortRequest, port: number) => {
    given.set(request.id, port);
    for (const name of request.namespaces) taken.set(name, (taken.get(name) ?? new Set()).add(port));
  };
  const ordered = [...requests].sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  for (const request of ordered) {
    const { preferred, range, avoided } = request;
    if (preferred < range.first || preferred > range.last || avoided?.has(preferred)) continue;
    if (!isTaken(request, preferred)) give(request, preferred);
  }
  for (const request of ordered) {
    if (given.has(request.id)) continue;
    const { range, preferred, avoided } = request;
    const next = (has: (port: number) => boolean) => nextFreePort(range, preferred, { has });
    const port =
      next((each) => (isTaken(request, each) || avoided?.has(each)) ?? false) ??
      next((each) => isTaken(request, each) ?? false);
    if (port !== undefined) give(request, port);
  }
  return given;
}
