import { type Finding, TopologyError } from "./finding.ts";
import { type Plan, planTopology } from "./plan.ts";
import { rules } from "./rules/index.ts";
import { parseTopology } from "./schema-findings.ts";
import { parseSource, readSource, type Source } from "./source.ts";

/** What is known of a topology file: every finding, and a plan unless one of them is an error. */
export interface Checked {
  readonly plan: Plan | undefined;
  readonly findings: readonly Finding[];
}

/** Judges a source by the schema and by every rule. Pure: reads and writes nothing. */
export function checkSource(source: Source): Checked {
  const { topology, findings } = parseTopology(source);
  if (!topology) return { plan: undefined, findings };
  const plan = planTopology(topology);
  const found = rules.flatMap((rule) =>
    [...rule.check({ topology, plan })].map(
      (violation): Finding => ({
        rule: rule.id,
        severity: rule.severity,
        path: violation.path,
        what: violation.what,
        why: violation.why ?? rule.why,
        fix: violation.fix,
        location: source.locate(violation.path, violation.part),
      }),
    ),
  );
  return { plan: found.some((finding) => finding.severity === "error") ? undefined : plan, findings: found };
}

/** Judges a file. */
export function checkFile(file: string): Checked {
  return checkSource(readSource(file));
}

/** The plan of a file.
 * @throws TopologyError with every finding, if any of them is an error */
export function loadPlan(file: string): { plan: Plan; warnings: readonly Finding[] } {
  return planOrThrow(checkFile(file));
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
