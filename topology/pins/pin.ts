import { checkSource } from "../check.ts";
import { parseTopology } from "../file/schema-findings.ts";
import type { Source } from "../file/source.ts";
import { withExcerpts } from "../findings/excerpt.ts";
import { Finding, TopologyError } from "../findings/finding.ts";
import { EditedTopology } from "../migration/document.ts";
import { givePorts, type PortRequest } from "../plan/give-ports.ts";
import { type Plan, type PlannedExposure, planTopology } from "../plan/plan.ts";
import { sharedObjects } from "../plan/port-advice.ts";
import { portsOf } from "../plan/ways.ts";
import { portClash } from "../rules/port-clash.ts";

/** A port that is pinned now and was not, or was another. */
export interface PinnedPort {
  readonly replication: string;
  readonly peer: string;
  readonly port: number;
  /** The port that the file gave before. */
  readonly before: number;
}

export interface PinnedTopology {
  /** The new text of each file that changes, by its name: the topology itself, or what it includes. */
  readonly texts: ReadonlyMap<string, string>;
  readonly pinned: readonly PinnedPort[];
}

/**
 * The topology with a pin for each exposed target that could not have its port otherwise: two targets want one port, or the base gave
 * it another one, as before a change of the controller's range. A target that the base has keeps the port that it has there.
 * @param base the plan that is deployed; undefined where nothing is
 * @throws TopologyError if the topology has another error than a port clash, a range has too few ports, or a template makes the
 * replication, so that its port belongs into a row of its table
 */
export function pinPorts(source: Source, base: Plan | undefined): PinnedTopology {
  const { findings } = checkSource(source);
  const { topology } = parseTopology(source);
  if (!topology || findings.some(({ rule, severity }) => severity === "error" && rule !== "port-clash"))
    throw new TopologyError(findings);
  const plan = planTopology(topology);
  const ports = givePorts(requestsOf(plan, base));
  if (plan.exposures.some(({ id }) => !ports.has(id))) throw new TopologyError(findings);
  const pinned = plan.exposures.flatMap(({ id, replication, peer, port: before }): PinnedPort[] => {
    const port = ports.get(id);
    return port === undefined || port === before ? [] : [{ replication, peer, port, before }];
  });
  if (pinned.length === 0) return { texts: new Map(), pinned };
  const templated = pinned.filter(({ replication }) => !source.holder(["replications", replication]));
  if (templated.length > 0)
    throw new TopologyError(
      withExcerpts(
        source,
        templated.map((each) => ofTemplate(each, source)),
      ),
    );
  const files = new Map<string, EditedTopology>();
  for (const replication of new Set(pinned.map((each) => each.replication))) {
    const holder = source.holder(["replications", replication]) ?? source;
    const file = files.get(holder.file) ?? new EditedTopology(holder.text);
    files.set(holder.file, file);
    const own = plan.exposures.filter((each) => each.replication === replication);
    const written = own.filter((each) => each.pinned || ports.get(each.id) !== each.port);
    const pins = Object.fromEntries(written.map((each) => [each.peer, ports.get(each.id)]));
    file.set(["replications", replication, "port"], pins);
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

function requestsOf(plan: Plan, base: Plan | undefined): PortRequest[] {
  const deployed = new Map(base?.exposures.map((exposure) => [targetOf(exposure), exposure]));
  return plan.exposures.flatMap((exposure): PortRequest[] => {
    const range = portsOf(exposure.way);
    if (!range) return [];
    const { id, port, pinned } = exposure;
    const before = deployed.get(targetOf(exposure))?.port;
    const keeps = before !== undefined && (!pinned || before === port);
    const rank = keeps ? 0 : pinned ? 1 : 2;
    return [{ id, namespaces: sharedObjects(exposure), range, preferred: keeps ? before : port, rank }];
  });
}

/** What the hash is of: a cluster under another name is no reason for another port. */
function targetOf({ replication, peer }: PlannedExposure): string {
  return `${replication}/${peer}`;
}
