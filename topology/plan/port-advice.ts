import { stringify } from "yaml";
import { formatPath, type Path } from "../findings/finding.ts";
import type { Plan, PlannedExposure } from "./plan.ts";
import { nextFreePort, type PortRange } from "./ports.ts";
import { shareOf } from "./share.ts";
import { defaultWay, portsOf } from "./ways.ts";

/**
 * What to write so that exposed targets get ports of their own, by the exposure's id. Each piece of advice holds beside all the others:
 * no two name one port, and what is written for one target of a replication is written for all of them that need it. Where a range
 * is full, the first of its targets is told a wider one, with pins that leave every other port where it is: within another range the
 * hash of each is another.
 * @param moving the targets that cannot keep their ports
 * @param foreign ports that others have open on the controllers of those targets
 */
export function portAdvice(
  plan: Plan,
  moving: readonly PlannedExposure[],
  foreign: ReadonlySet<number> = new Set(),
): Map<string, string> {
  const taken = new TakenPorts(plan, foreign);
  const pins = new Pins(plan);
  const left = moving.filter((exposure) => {
    const range = rangeOf(exposure);
    const free = range && nextFreePort(range, exposure.port, taken.around(exposure));
    if (free === undefined) return true;
    taken.add(exposure, free);
    pins.set(exposure, free);
    return false;
  });
  const advice = new Map(
    moving
      .filter((exposure) => !left.includes(exposure))
      .map((exposure) => [exposure.id, `pin a free one: \`${pins.text(exposure.replication)}\``]),
  );
  for (const crowded of Map.groupBy(left, ({ cluster, ingress }) => `${cluster}/${ingress}`).values())
    for (const [id, text] of widened(plan, crowded, taken, pins.copy())) advice.set(id, text);
  return advice;
}

/**
 * What gives an exposure its port, and gives each port once: a controller's Service and its ConfigMap or GlobalConfiguration, which another
 * controller may read, too; a Gateway; the nodes of a cluster; an address. None: it has a load balancer of its own.
 */
export function sharedObjects({ cluster, ingress, way, host, backend, object }: PlannedExposure): string[] {
  switch (way.kind) {
    case "ingressNginx": {
      const { namespace, service, configMap } = way.settings;
      return [`Service/${service}`, `ConfigMap/${configMap}`].map((each) => [cluster, namespace, each].join("/"));
    }
    case "transportServer": {
      const { namespace, service, globalConfiguration } = way.settings;
      const names = [`Service/${service}`, `GlobalConfiguration/${globalConfiguration}`];
      return names.map((each) => [cluster, namespace, each].join("/"));
    }
    case "gateway":
      return [[cluster, way.settings.namespace, `Gateway/${way.settings.name}`].join("/")];
    case "nodePort":
      return [`${cluster}/nodes`];
    case "loadBalancer":
      // A range of ports is given where Services share an address.
      return [way.settings.ports ? `${cluster}/${ingress}` : [cluster, backend.namespace, object].join("/")];
    case "address":
      return [`address/${host?.toLowerCase()}`];
  }
}

/** Where the file says the way of an exposure. */
export function wayPath(plan: Plan, { cluster, ingress, way, replication }: PlannedExposure): Path {
  const declared = plan.clusters.get(cluster)?.ways.get(ingress);
  if (declared !== way) return ["replications", replication, "address"];
  if (declared.former) return ["clusters", cluster, ...(ingress === defaultWay ? ["ingress"] : ["ingresses", ingress])];
  return ["clusters", cluster, ...(ingress === defaultWay ? ["exposure"] : ["exposures", ingress]), way.kind];
}

/** `port: { bp2: 4044 }`: the pins of a replication that its targets have now. */
export function pinsOf(plan: Plan, replication: string): string {
  return new Pins(plan).text(replication);
}

function rangeOf({ way }: PlannedExposure): PortRange | undefined {
  return portsOf(way);
}

/** Advice for the targets that a full range has no ports for. */
function widened(plan: Plan, crowded: readonly PlannedExposure[], taken: TakenPorts, pins: Pins): [string, string][] {
  const [first] = crowded;
  const given = first && rangeOf(first);
  if (!first) return [];
  // Each has one port of its own, or an address that somebody else gives.
  if (!given)
    return crowded.map(({ id, replication }) => [
      id,
      `say where it is reached: \`address: host:port\` in replications.${replication}, or another \`port\``,
    ]);
  const where = formatPath(wayPath(plan, first));
  let range = given;
  let ports: readonly number[] | undefined;
  while (!ports && (range.first > 1 || range.last < 65535)) {
    range = wider(range, crowded.length);
    ports = freePorts(range, given.last + 1, crowded, taken);
  }
  if (!ports) {
    const text = `${where} has no free port, and no wider range would: name a second way in \`exposures\`, and give it some of the peers`;
    return crowded.map(({ id }) => [id, text]);
  }
  const neighbours = shareOf(plan, first.cluster).exposures.filter(({ ingress }) => ingress === first.ingress);
  for (const exposure of neighbours) if (!pins.has(exposure)) pins.set(exposure, exposure.port);
  for (const [index, exposure] of crowded.entries()) pins.set(exposure, ports[index] ?? exposure.port);
  const replications = [...new Set(neighbours.map(({ replication }) => replication))];
  const pinned = replications.map((name) => `replications.${name} \`${pins.text(name)}\``).join(", ");
  const { first: from, last: to } = given;
  return crowded.map(({ id }, index) => [
    id,
    index === 0
      ? `${from}-${to} is full: write \`ports: ${range.first}-${range.last}\` in ${where}, and pin every port there, since another range moves what is not pinned: ${pinned}`
      : `${from}-${to} is full: do what is said of replications.${first.replication}`,
  ]);
}

/** A port for each; undefined where there are not enough. */
function freePorts(
  range: PortRange,
  from: number,
  exposures: readonly PlannedExposure[],
  taken: TakenPorts,
): readonly number[] | undefined {
  const given = new Set<number>();
  for (const exposure of exposures) {
    const around = taken.around(exposure);
    const free = nextFreePort(range, from, { has: (port) => given.has(port) || around.has(port) });
    if (free === undefined) return undefined;
    given.add(free);
  }
  for (const [index, port] of [...given].entries()) {
    const exposure = exposures[index];
    if (exposure) taken.add(exposure, port);
  }
  return [...given];
}

/** Twice as wide, or as wide as is needed: upwards, and where that ends, downwards. */
function wider({ first, last }: PortRange, missing: number): PortRange {
  const more = Math.max(last - first + 1, missing);
  const up = Math.min(65535, last + more);
  return { first: Math.max(1, first - (last + more - up)), last: up };
}

/** The ports of each Service and ConfigMap. */
class TakenPorts {
  readonly #foreign: ReadonlySet<number>;
  readonly #ports = new Map<string, Set<number>>();

  constructor(plan: Plan, foreign: ReadonlySet<number>) {
    this.#foreign = foreign;
    for (const exposure of plan.exposures) this.add(exposure, exposure.port);
  }

  add(exposure: PlannedExposure, port: number): void {
    for (const key of sharedObjects(exposure)) this.#ports.set(key, (this.#ports.get(key) ?? new Set()).add(port));
  }

  /** What a target's controller cannot give. */
  around(exposure: PlannedExposure): Pick<ReadonlySet<number>, "has"> {
    const shared = sharedObjects(exposure).map((key) => this.#ports.get(key));
    return { has: (port) => this.#foreign.has(port) || shared.some((ports) => ports?.has(port)) };
  }
}

/** The pinned ports of every replication, by peer. */
class Pins {
  readonly #plan: Plan;
  readonly #ports: Map<string, Map<string, number>>;

  constructor(plan: Plan, ports = new Map<string, Map<string, number>>()) {
    this.#plan = plan;
    this.#ports = ports;
    if (ports.size === 0) for (const exposure of plan.exposures) if (exposure.pinned) this.set(exposure, exposure.port);
  }

  copy(): Pins {
    return new Pins(this.#plan, new Map([...this.#ports].map(([name, ports]) => [name, new Map(ports)])));
  }

  has({ replication, peer }: PlannedExposure): boolean {
    return this.#ports.get(replication)?.has(peer) ?? false;
  }

  set({ replication, peer }: PlannedExposure, port: number): void {
    this.#ports.set(replication, (this.#ports.get(replication) ?? new Map()).set(peer, port));
  }

  /** As it is written in the file: all of them, since a mapping replaces another. */
  text(replication: string): string {
    const ports = Object.fromEntries(this.#ports.get(replication) ?? []);
    return `port: ${stringify(ports, { collectionStyle: "flow", lineWidth: 0 }).trim()}`;
  }
}
