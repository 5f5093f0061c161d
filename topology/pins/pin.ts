import { checkSource } from "../check.ts";
import { parseTopology } from "../file/schema-findings.ts";
import type { Source } from "../file/source.ts";
import { withExcerpts } from "../findings/excerpt.ts";
import { Finding, TopologyError } from "../findings/finding.ts";
import { EditedTopology } from "../migration/document.ts";
import { givePorts, type PortRequest } from "../plan/give-ports.ts";
import { Pins } from "../plan/pins.ts";
import type { Plan } from "../plan/plan.ts";
import { planTopology } from "../plan/plan-topology.ts";
import { pinCommand, portAdvice, sharedObjects } from "../plan/port-advice.ts";
import { type DeployedPorts, freedPorts, successors, wayKey } from "../plan/port-moves.ts";
import { portsOf } from "../plan/ways.ts";
import { portClash } from "../rules/port-clash.ts";

/** A port that is pinned now and was not, or was another. */
export interface PinnedPort {
  readonly replication: string;
  readonly peer: string;
  readonly port: number;
  /** The port that the file gave before. */
  readonly before: number;
  /** Name of the way by which it is exposed. */
  readonly way: string;
}

export interface PinnedTopology {
  /** The new text of each file that changes, by its name: the topology itself, or what it includes. */
  readonly texts: ReadonlyMap<string, string>;
  readonly pinned: readonly PinnedPort[];
}

export interface PinOptions {
  /** Ports that nobody may have, by cluster: somebody else has them open there. */
  readonly avoid?: ReadonlyMap<string, ReadonlySet<number>>;
}

/**
 * The topology with a pin for each exposed target that could not keep its port, or have one, otherwise: two targets want one port, or what is
 * deployed has another one, as before a change of the controller's range. A deployed target keeps its port wherever its range has it, and so
 * does the one that takes its place in its replication. A port that has just become free is left alone if another one is free, since
 * somebody may still dial it.
 * @param deployed the ports that are deployed, for a plan of the topology; undefined where nothing is
 * @throws TopologyError if the topology has another error than a port clash, a range has too few ports, or a template makes the
 * replication, so that its port belongs into a row of its table
 */
export function pinPorts(
  source: Source,
  deployed: ((plan: Plan) => DeployedPorts) | undefined,
  { avoid = new Map() }: PinOptions = {},
): PinnedTopology {
  const { findings } = checkSource(source);
  const { topology } = parseTopology(source);
  if (!topology || findings.some(({ rule, severity }) => severity === "error" && rule !== "port-clash"))
    throw new TopologyError(findings);
  const plan = planTopology(topology);
  const before: DeployedPorts = deployed?.(plan) ?? new Map();
  const requests = requestsOf(plan, before, avoid);
  const given = givePorts(requests);
  const none = new Set(requests.flatMap(({ id }) => (given.has(id) ? [] : [id])));
  if (none.size > 0)
    throw new TopologyError(
      tooFew(source, plan, none, { findings, avoid: new Set([...avoid.values()].flatMap((each) => [...each])) }),
    );
  const ports = new Map([...given, ...withoutRange(plan, before)]);
  const moves = plan.exposures.filter(
    ({ id, port, pinned }) =>
      ports.has(id) && (ports.get(id) !== port || (!pinned && before.has(id) && before.get(id) !== port)),
  );
  const pinned = moves.map(({ id, replication, peer, port, ingress }): PinnedPort => {
    return { replication, peer, port: ports.get(id) ?? port, before: port, way: ingress };
  });
  if (pinned.length === 0) return { texts: new Map(), pinned };
  const templated = pinned.filter(({ replication }) => !source.holder(["replications", replication]));
  if (templated.length > 0) {
    const refused = templated.map((each) => ofTemplate(each, source));
    throw new TopologyError(withExcerpts(source, refused));
  }
  const pins = new Pins(plan);
  for (const exposure of moves) pins.set(exposure, ports.get(exposure.id) ?? exposure.port);
  const files = new Map<string, EditedTopology>();
  for (const replication of new Set(pinned.map((each) => each.replication))) {
    const holder = source.holder(["replications", replication]) ?? source;
    const file = files.get(holder.file) ?? new EditedTopology(holder.text);
    files.set(holder.file, file);
    file.set(["replications", replication, "port"], pins.of(replication));
  }
  const texts = new Map([...files].map(([name, file]) => [name, file.text()]));
  // Entries that share an anchor cannot have pins of their own.
  const after = checkSource(source.withTexts(texts)).findings;
  if (after.some(({ severity }) => severity === "error")) throw new TopologyError(after);
  return { texts, pinned };
}

/** What a template makes has its port in the row: written into the template, it would be every row's. */
function ofTemplate({ replication, peer, port }: PinnedPort, source: Source): Finding {
  const path = ["replications", replication];
  return new Finding(portClash, {
    path,
    what: `"${peer}" needs port ${port}, and a template makes this replication`,
    fix: `write \`port: "{site.port}"\` into the template, \`columns: { port: number }\` beside a CSV table, and ${port} into the column \`port\` of this row; rows without one keep the port that they have`,
    location: source.locate(path, "key"),
  });
}

/** Each has a port of its own that follows from no range, so nobody else has the deployed one. */
function withoutRange({ exposures }: Plan, deployed: DeployedPorts): [string, number][] {
  return exposures.flatMap(({ id, way, pinned }): [string, number][] => {
    const before = deployed.get(id);
    return before === undefined || pinned || way.kind === "address" || portsOf(way) ? [] : [[id, before]];
  });
}

interface Found {
  readonly findings: readonly Finding[];
  /** Ports that others have. */
  readonly avoid: ReadonlySet<number>;
}

/** Why there are no ports for some exposures: what was found in the file, or that others have taken too many. */
function tooFew(source: Source, plan: Plan, none: ReadonlySet<string>, found: Found): readonly Finding[] {
  if (found.findings.some(({ severity }) => severity === "error")) return found.findings;
  const moving = plan.exposures.filter(({ id }) => none.has(id));
  const { full } = portAdvice(plan, moving, { foreign: found.avoid, command: pinCommand(source.file) });
  return full.map(
    ({ path, what, fix }) => new Finding(portClash, { path, what, fix, location: source.locate(path, "key") }),
  );
}

function requestsOf(
  plan: Plan,
  deployed: DeployedPorts,
  avoid: ReadonlyMap<string, ReadonlySet<number>>,
): PortRequest[] {
  const inherited = new Map(successors(plan, deployed).map(({ exposure, port }) => [exposure.id, port]));
  const freed = freedPorts(plan, deployed);
  return plan.exposures.flatMap((exposure): PortRequest[] => {
    const range = portsOf(exposure.way);
    if (!range) return [];
    const { id, port, pinned } = exposure;
    const before = deployed.get(id) ?? inherited.get(id);
    const kept = before !== undefined && before >= range.first && before <= range.last ? before : undefined;
    const keeps = kept !== undefined && (!pinned || kept === port);
    return [
      {
        ...{ id, range, namespaces: sharedObjects(exposure) },
        preferred: keeps ? kept : port,
        rank: keeps ? (deployed.has(id) ? 0 : 1) : pinned ? 1 : 2,
        refused: avoid.get(exposure.cluster),
        ...(keeps || pinned ? {} : { avoided: freed.get(wayKey(id)) }),
      },
    ];
  });
}
