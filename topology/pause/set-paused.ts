import { checkSource } from "../check.ts";
import type { Source } from "../file/source.ts";
import { formatFinding, TopologyError } from "../findings/finding.ts";
import { newFindings } from "../findings/new-findings.ts";
import { suggestion } from "../findings/suggest.ts";
import { EditedTopology } from "../migration/document.ts";
import type { Plan } from "../plan/plan.ts";

export interface PausedTopology {
  /** The new text of each file that changes, by its name: the topology itself, or what it includes. None where nothing had to change. */
  readonly texts: ReadonlyMap<string, string>;
  readonly before: Plan;
  readonly after: Plan;
  /** The findings that the topology did not have before, as text. */
  readonly warnings: readonly string[];
}

/** Says why a replication cannot be paused or resumed, and what to do instead. */
export class PauseError extends Error {}

/**
 * The topology with a replication paused, or resumed. Comments, order and style of its file stay as they are.
 * @throws TopologyError if the topology has errors, before or after the change
 * @throws PauseError if it has no such replication, or the entry cannot be changed alone
 */
export function setPaused(source: Source, replication: string, paused: boolean): PausedTopology {
  const { plan, findings } = checkSource(source);
  if (!plan) throw new TopologyError(findings);
  const planned = plan.replications.get(replication);
  if (!planned)
    throw new PauseError(
      `the topology has no replication "${replication}"; ${suggestion(replication, [...plan.replications.keys()], "replication")}`,
    );
  if (planned.paused === paused) return { texts: new Map(), before: plan, after: plan, warnings: [] };
  const holder = source.holder(["replications", replication]);
  if (!holder) throw new PauseError(ofTemplate(source, replication, paused));
  const texts = [removed, set].map((edit) => new Map([[holder.file, edit(holder.text, replication, paused)]]));
  for (const changed of texts) {
    const next = source.withTexts(changed);
    const judged = checkSource(next);
    if (!judged.plan) throw new TopologyError(judged.findings);
    const differing = differences(plan, judged.plan);
    if (differing.length === 0) continue;
    if (differing.length > 1 || differing[0] !== replication)
      throw new PauseError(
        `replications.${replication} shares its entry with ${differing.filter((name) => name !== replication).join(", ")}, which would be ${paused ? "paused" : "resumed"}, too; write an entry of its own for it first (${holder.file})`,
      );
    const warnings = newFindings(findings, judged.findings).map((each) => formatFinding(each));
    return { texts: changed, before: plan, after: judged.plan, warnings };
  }
  throw new PauseError(
    `replications.${replication} cannot be changed in ${holder.file}; write \`paused: ${paused}\` there yourself`,
  );
}

/** Replications that are paused in one plan and not in the other. */
function differences(before: Plan, after: Plan): string[] {
  return [...after.replications.values()]
    .filter(({ name, paused }) => before.replications.get(name)?.paused !== paused)
    .map(({ name }) => name);
}

/** Takes the key out to resume: what is not paused need not say so. */
function removed(text: string, replication: string, paused: boolean): string {
  if (paused) return set(text, replication, paused);
  const file = new EditedTopology(text);
  file.unset(["replications", replication, "paused"]);
  return file.text();
}

/** Where an anchor or a merge key brings `paused: true` along, only another value overrules it. */
function set(text: string, replication: string, paused: boolean): string {
  const file = new EditedTopology(text);
  file.set(["replications", replication, "paused"], paused);
  return file.text();
}

/** What a template makes is paused in the row: written into the template, it would hold for every row. */
function ofTemplate(source: Source, replication: string, paused: boolean): string {
  const { file, line } = source.locate(["replications", replication], "key");
  return (
    `a template makes replications.${replication} (${file}:${line}), so the change belongs into its row: write \`paused: "{site.paused}"\` into the template, ` +
    `\`columns: { paused: boolean }\` beside a CSV table, and ${paused ? "true" : "nothing"} into the column \`paused\` of this row; an empty cell means that it runs`
  );
}
