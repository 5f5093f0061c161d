import { formatPath, type Path } from "../findings/finding.ts";
import { Pins } from "./pins.ts";
import type { Plan, PlannedExposure } from "./plan.ts";
import { nextFreePort, type PortRange } from "./ports.ts";
import { shareOf } from "./share.ts";
import { defaultWay, portsOf } from "./ways.ts";

/** The command that writes ports into a file.
 * @param options its options, as they are written in a shell */
export function pinCommand(file: string, ...options: readonly string[]): string {
  return ["npx bigpeer pin", file, ...options].join(" ");
}

/** What to write so that exposed targets get ports of their own. */
export interface PortAdvice {
  /** By the exposure's id: what to pin it to. */
  readonly pins: ReadonlyMap<string, string>;
  /** Ranges that have too few ports, each once. */
  readonly full: readonly FullRange[];
}

/** A range of ports that has too few of them for its targets. */
export interface FullRange {
  /** Where the file says the way that has the range. */
  readonly path: Path;
  readonly what: string;
  readonly fix: string;
  /** The targets that have no port left. */
  readonly exposures: readonly PlannedExposure[];
  /** Name of the cluster and of its way, which has this range. */
  readonly of: Pick<PlannedExposure, "cluster" | "ingress">;
}

/**
 * What to write so that exposed targets get ports of their own. All of the advice holds together: no two parts of it
 * name one port, and whatever is written for one target of a replication is written for all of its targets that need
 * it.
 * @param moving the targets that cannot keep their ports
 * @param options.foreign ports that others have open on the controllers of those targets
 * @param options.command the `bigpeer pin` that gives ports once a range is wide enough
 */
export function portAdvice(
  plan: Plan,
  moving: readonly PlannedExposure[],
  { foreign = new Set(), command }: { readonly foreign?: ReadonlySet<number>; readonly command: string },
): PortAdvice {
  const taken = new TakenPorts(plan, foreign);
  const pins = new Pins(plan);
  const left = moving.filter((exposure) => {
    const range = portsOf(exposure.way);
    const free = range && nextFreePort(range, exposure.port, taken.around(exposure));
    if (free === undefined) return true;
    taken.add(exposure, free);
    pins.set(exposure, free);
    return false;
  });
  const advised = moving
    .filter((exposure) => !left.includes(exposure))
    .map(({ id, replication }): [string, string] => [
      id,
      `pin a free one: \`${pins.text(replication)}\`; \`${command}\` writes all of them and moves no port that is deployed`,
    ]);
  const fixed = left
    .filter(({ way }) => !portsOf(way))
    .map(({ id, replication }): [string, string] => [
      id,
      `say where it is reached: \`address: host:port\` in replications.${replication}, or another \`port\``,
    ]);
  const crowded = Map.groupBy(
    left.filter(({ way }) => portsOf(way)),
    ({ cluster, ingress }) => `${cluster}/${ingress}`,
  );
  return {
    pins: new Map([...advised, ...fixed]),
    full: [...crowded.values()].flatMap((exposures) => fullRange(plan, exposures, taken, command)),
  };
}

/**
 * The namespaces from which an exposure gets its port, each of which gives a port once: a controller's Service and its
 * ConfigMap or GlobalConfiguration, which another controller may read, too; a Gateway; the nodes of a cluster; an
 * address. Empty: it has a load balancer of its own.
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
      // A range is only given where Services share an address.
      return [way.settings.ports ? `${cluster}/${ingress}` : [cluster, backend.namespace, object].join("/")];
    case "address":
      return [`address/${host?.toLowerCase()}`];
  }
}

/** The place of an exposure's way in the file. */
export function wayPath(plan: Plan, { cluster, ingress, way, replication }: PlannedExposure): Path {
  const declared = plan.clusters.get(cluster)?.ways.get(ingress);
  if (declared !== way) return ["replications", replication, "address"];
  if (declared.former) return ["clusters", cluster, ...(ingress === defaultWay ? ["ingress"] : ["ingresses", ingress])];
  return ["clusters", cluster, ...(ingress === defaultWay ? ["exposure"] : ["exposures", ingress]), way.kind];
}

/** The message that a range is too small, and the next wider range that is not. */
function fullRange(plan: Plan, crowded: readonly PlannedExposure[], taken: TakenPorts, command: string): FullRange[] {
  const [first] = crowded;
  const given = first && portsOf(first.way);
  if (!first || !given) return [];
  const { cluster, ingress } = first;
  const path = wayPath(plan, first);
  const targets = shareOf(plan, cluster).exposures.filter((each) => each.ingress === ingress).length;
  const missing = crowded.length === 1 ? "1 port is missing" : `${crowded.length} ports are missing`;
  const what = `the range ${given.first}-${given.last} is too small for its ${targets} exposed targets: ${missing}`;
  const about = { path, what, exposures: crowded, of: { cluster, ingress } };
  let range = given;
  let ports: readonly number[] | undefined;
  while (!ports && (range.first > 1 || range.last < 65535)) {
    range = wider(range, crowded.length);
    ports = freePorts(range, given.last + 1, crowded, taken);
  }
  if (!ports) {
    const fix = "no wider range would be enough: name a second way in `exposures`, and give it some of the peers";
    return [{ ...about, fix }];
  }
  const fix = `write \`ports: ${range.first}-${range.last}\` in ${formatPath(path)}, and run \`${command}\`, which gives each target a port and moves none that is deployed`;
  return [{ ...about, fix }];
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

/** A range twice as wide, or as wide as needed: it grows upwards, and where no port is left there, downwards. */
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

  /** The ports that a target's controller cannot give. */
  around(exposure: PlannedExposure): Pick<ReadonlySet<number>, "has"> {
    const shared = sharedObjects(exposure).map((key) => this.#ports.get(key));
    return { has: (port) => this.#foreign.has(port) || shared.some((ports) => ports?.has(port)) };
  }
}
