import { withoutRefused } from "./file/partial.ts";
import type { Topology } from "./file/schema.ts";
import { parseTopology } from "./file/schema-findings.ts";
import { parseSource, readSource, type Source } from "./file/source.ts";
import { withExcerpts } from "./findings/excerpt.ts";
import { Finding, TopologyError } from "./findings/finding.ts";
import { applyIgnoreComments, type IgnoredFinding } from "./findings/ignore-comments.ts";
import { withoutLost } from "./plan/lost-clusters.ts";
import { type Plan, planTopology } from "./plan/plan.ts";
import { rules } from "./rules/index.ts";

/** What is known of a topology file: every finding, and a plan unless one of them is an error. */
export interface Checked {
  readonly plan: Plan | undefined;
  readonly findings: readonly Finding[];
  /** What a comment in the file turns down, with its reason. */
  readonly ignored: readonly IgnoredFinding[];
}

/** Judges a source by the schema and by every rule. Pure: reads and writes nothing. */
export function checkSource(source: Source): Checked {
  const { topology, findings } = parseTopology(source);
  if (topology) {
    const { plan, found } = judge(topology, source);
    return checked(source, found, plan);
  }
  const partial = source.findings.length === 0 ? withoutRefused(source.value ?? {}) : undefined;
  const others = partial ? judge(partial.topology, source).found : [];
  const told = others.filter(
    ({ path, severity }) =>
      // What is left out may be what a note misses.
      severity !== "note" && !partial?.incomplete.some((entry) => entry.every((step, index) => path[index] === step)),
  );
  return checked(source, [...findings, ...told], undefined);
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

function judge(whole: Topology, source: Source): { plan: Plan; found: Finding[] } {
  const plan = planTopology(whole);
  // What a lost cluster had says nothing about what is left.
  const { topology } = withoutLost(whole);
  const found = rules.flatMap((rule) =>
    [...rule.check({ topology, plan })].map(
      ({ part, ...violation }) => new Finding(rule, { ...violation, location: source.locate(violation.path, part) }),
    ),
  );
  return { plan, found };
}

/** Judges a file. */
export function checkFile(file: string): Checked {
  return checkSource(readSource(file));
}

/** The plan of a file, with the text that it was made from.
 * @throws TopologyError with every finding, if any of them is an error */
export function loadPlan(file: string): { plan: Plan; warnings: readonly Finding[]; text: string } {
  const source = readSource(file);
  return { ...planOrThrow(checkSource(source)), text: source.text };
}

/** The plan of a text; `file` is what its findings call it.
 * @throws TopologyError with every finding, if any of them is an error */
export function planText(text: string, file = "topology.yaml"): { plan: Plan; warnings: readonly Finding[] } {
  return planOrThrow(checkSource(parseSource(file, text)));
}

function planOrThrow({ plan, findings }: Checked): { plan: Plan; warnings: readonly Finding[] } {
  if (!plan) throw new TopologyError(findings);
  return { plan, warnings: findings };
}
