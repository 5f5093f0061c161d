import type { LiveExposure } from "./exposing-objects.ts";
import type { Forward, LiveSide } from "./live-objects.ts";

/** A connection of a side, joined to the side that it leads to. */
export interface JoinedLink {
  readonly initiator: LiveSide;
  readonly target: LiveSide;
  readonly address: string;
  /** How it leads there: a Service of the same cluster, something that exposes the target, or neither is known. */
  readonly by: "service" | "forward" | "address";
  /** What exposes the target, where that is not ingress-nginx. */
  readonly exposure?: LiveExposure | undefined;
}

export interface UnjoinedConnection {
  readonly initiator: LiveSide;
  readonly address: string;
  readonly reason: string;
}

export interface Evidence {
  readonly forwards: readonly Forward[];
  readonly exposures: readonly LiveExposure[];
  /** The app's ID of a side, in lower case; undefined: there is no such app. */
  readonly appId: (side: LiveSide) => string | undefined;
  /** Whether the peers of two sides trust each other's CA; undefined: it is not known. */
  readonly trust: (one: LiveSide, other: LiveSide) => boolean | undefined;
}

/** Joins every connection to the side that it leads to, by address, by app ID and by trust, in this order. */
export function joinSides(
  sides: readonly LiveSide[],
  evidence: Evidence,
): { readonly links: readonly JoinedLink[]; readonly unjoined: readonly UnjoinedConnection[] } {
  const joined = sides.flatMap((initiator) =>
    initiator.connections.map((address) => ({ initiator, address, ...targetsOf(initiator, address, sides, evidence) })),
  );
  const clear = joined.filter(({ targets }) => targets.length === 1);
  const owners = new Map(
    clear.flatMap(({ address, targets: [target] }) => (target ? [[hostOf(address), target.cluster]] : [])),
  );
  const links: JoinedLink[] = [];
  const unjoined: UnjoinedConnection[] = [];
  for (const { initiator, address, targets, by, reason, ...rest } of joined) {
    // A host belongs to one cluster, so what is clear of one connection settles another; then the names do.
    const there = targets.length > 1 ? ofHost(hostOf(address), targets, owners) : targets;
    const alike = there.length > 1 ? there.filter((target) => baseName(target) === baseName(initiator)) : there;
    const [target, another] = alike;
    const exposures = "exposures" in rest ? rest.exposures : [];
    const exposure = target && exposures.find((each) => leadsTo(each, target));
    if (target && !another) links.push({ initiator, target, address, by, ...(exposure ? { exposure } : {}) });
    else unjoined.push({ initiator, address, reason: targets.length > 1 ? ambiguous(targets) : reason });
  }
  return { links, unjoined };
}

/** The name of a side without its peer: what our own plan would call its replication. */
export function baseName({ name, peer }: LiveSide): string {
  const suffix = `-${peer}`;
  return name.endsWith(suffix) && name.length > suffix.length ? name.slice(0, -suffix.length) : name;
}

/** Those in the cluster that has a host, or, where that is not known, in clusters that no other host belongs to. */
function ofHost(host: string, targets: readonly LiveSide[], owners: ReadonlyMap<string, string>): readonly LiveSide[] {
  const owner = owners.get(host);
  if (owner !== undefined) return targets.filter(({ cluster }) => cluster === owner);
  const owned = new Set(owners.values());
  const left = targets.filter(({ cluster }) => !owned.has(cluster));
  return left.length > 0 ? left : targets;
}

function targetsOf(initiator: LiveSide, address: string, sides: readonly LiveSide[], evidence: Evidence) {
  const others = sides.filter((side) => side !== initiator && side.peer !== initiator.peer);
  const inside = /^([^.:]+)(?:\.([^.:]+)(?:\.svc(?:\.cluster\.local)?)?)?:\d+$/.exec(address);
  const service = others.filter(
    ({ cluster, namespace, service }) =>
      cluster === initiator.cluster && service === inside?.[1] && namespace === (inside[2] ?? initiator.namespace),
  );
  if (service.length > 0) return { targets: service, by: "service" as const, reason: "" };
  const port = Number(/:(\d+)$/.exec(address)?.[1]);
  const open = evidence.exposures.filter((exposure) => exposure.port === port);
  // Load balancers may all have one port, and each its own host.
  const exact = open.filter(({ host }) => host === hostOf(address));
  const exposures = exact.length > 0 ? exact : open;
  const forwards = exact.length > 0 ? [] : evidence.forwards.filter((forward) => forward.port === port);
  const reached = others.filter((side) => [...forwards, ...exposures].some((each) => leadsTo(each, side)));
  const forwarded = fitting(initiator, reached, evidence);
  if (forwarded.length > 0) return { targets: forwarded, by: "forward" as const, exposures, reason: "" };
  const alike = others.filter((side) => side.cluster !== initiator.cluster && baseName(side) === baseName(initiator));
  const reason =
    reached.length > 0
      ? "what listens there has another app ID, or the two Big Peers do not trust each other"
      : "no Service and nothing that exposes one in these clusters leads to a BigPeerReplication";
  return { targets: reached.length > 0 ? [] : fitting(initiator, alike, evidence), by: "address" as const, reason };
}

function leadsTo({ cluster, namespace, service }: Forward, side: LiveSide): boolean {
  return cluster === side.cluster && namespace === side.namespace && service === side.service;
}

function fitting(initiator: LiveSide, targets: readonly LiveSide[], { appId, trust }: Evidence): LiveSide[] {
  const id = appId(initiator);
  return targets.filter((target) => id !== undefined && appId(target) === id && trust(initiator, target) !== false);
}

function ambiguous(targets: readonly LiveSide[]): string {
  return `it may lead to ${targets.map(({ cluster, namespace, name }) => `${cluster}: ${namespace}/${name}`).join(", or to ")}`;
}

/** `bp.example.com` of `bp.example.com:4117`. */
export function hostOf(address: string): string {
  return address.replace(/:\d+$/, "");
}
