import { withoutRefused } from "./file/partial.ts";
import type { Topology } from "./file/schema.ts";
import { parseTopology } from "./file/schema-findings.ts";
import { parseSource, readSource, type Source } from "./file/source.ts";
import { withExcerpts } from "./findings/excerpt.ts";
import { Finding, TopologyError } from "./findings/finding.ts";
import { applyIgnoreComments, type IgnoredFinding } from "./findings/ignore-comments.ts";
import { withoutLost } from "./plan/lost-clusters.ts";
import type { OwnableClusters, ProjectStacks, StackSettings } from "./plan/ownership.ts";
import { ownedClustersFindings, ownershipFindings } from "./plan/ownership-findings.ts";
import type { Plan } from "./plan/plan.ts";
import { planTopology } from "./plan/plan-topology.ts";
import { withStandIns } from "./plan/stand-ins.ts";
import { rules } from "./rules/index.ts";

/** The result of checking a topology file: every finding, and a plan unless one of them is an error. */
export interface Checked {
  readonly plan: Plan | undefined;
  readonly findings: readonly Finding[];
  /** The findings that a comment in the file suppresses, with their reasons. */
  readonly ignored: readonly IgnoredFinding[];
}

/** The stacks that share a topology. */
export interface Stacks {
  /** Undefined if nothing is known of stacks other than the running one. */
  readonly project: ProjectStacks | undefined;
  /** The stack that is being updated. Only findings that prevent its update are then reported. */
  readonly running?: StackSettings | undefined;
}

/**
 * Checks a source against the schema and every rule. Pure: it reads and writes nothing.
 * @param stacks if given, checks also find whether each cluster has exactly one owner
 */
export function checkSource(source: Source, stacks?: Stacks): Checked {
  const { topology, findings } = parseTopology(source);
  if (topology) {
    const { plan, found } = judge(topology, source, stacks);
    return checked(source, [...source.warnings, ...found], plan);
  }
  const partial = source.findings.length === 0 ? withoutRefused(source.value ?? {}) : undefined;
  const others = partial ? judge(partial.topology, source, stacks).found : [];
  const told = others.filter(
    ({ path, severity }) =>
      // What is left out may be what a note misses.
      severity !== "note" && !partial?.incomplete.some((entry) => entry.every((step, index) => path[index] === step)),
  );
  return checked(source, [...source.warnings, ...findings, ...told], undefined);
}

function checked(source: Source, found: readonly Finding[], plan: Plan | undefined): Checked {
  const { findings, ignored } = applyIgnoreComments(source, found, plan !== undefined);
  return {
    plan: findings.some(isError) ? undefined : plan,
    findings: withExcerpts(source, findings),
    ignored,
  };
}

function isError({ severity }: Finding): boolean {
  return severity === "error";
}

function judge(whole: Topology, source: Source, stacks: Stacks | undefined): { plan: Plan; found: Finding[] } {
  const plan = planTopology(whole);
  // What a lost cluster had says nothing about what is left.
  const { topology } = withoutLost(withStandIns(whole));
  const found = rules.flatMap((rule) =>
    [...rule.check({ topology, plan, file: source.file })].map(
      ({ part, ...violation }) => new Finding(rule, { ...violation, location: source.locate(violation.path, part) }),
    ),
  );
  const shared = stacks ? sharedOut(ownableClusters(whole, source), stacks) : [];
  return { plan, found: [...found, ...shared] };
}

function sharedOut(clusters: OwnableClusters, { project, running }: Stacks): readonly Finding[] {
  if (project) return ownershipFindings(clusters, project, running);
  return running ? ownedClustersFindings(clusters, running) : [];
}

/** The clusters of a topology, those that are gone for good among them: somebody has to forget them. */
function ownableClusters({ clusters }: Pick<Topology, "clusters">, source: Source): OwnableClusters {
  return { clusters: new Map(Object.entries(clusters)), locate: source.locate };
}

/** Checks a file. */
export function checkFile(file: string, stacks?: Stacks): Checked {
  return checkSource(readSource(file), stacks);
}

/**
 * Returns the plan of a file, with the topology as one text that needs no other file.
 * @param text of a topology that is not in a file; findings then refer to it as `file`
 * @throws TopologyError with every finding, if any of them is an error
 */
export function loadPlan(
  file: string,
  stacks?: Stacks,
  text?: string,
): { plan: Plan; warnings: readonly Finding[]; text: string } {
  const source = text === undefined ? readSource(file) : parseSource(file, text);
  return { ...planOrThrow(checkSource(source, stacks)), text: source.asOneFile() };
}

/**
 * Returns the plan of a text; its findings refer to it as `file`.
 * @throws TopologyError with every finding, if any of them is an error
 */
export function planText(text: string, file = "topology.yaml"): { plan: Plan; warnings: readonly Finding[] } {
  return planOrThrow(checkSource(parseSource(file, text)));
}

function planOrThrow({ plan, findings }: Checked): { plan: Plan; warnings: readonly Finding[] } {
  if (!plan) throw new TopologyError(findings);
  return { plan, warnings: findings };
}
