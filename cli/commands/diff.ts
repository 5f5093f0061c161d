import { diffTopologies } from "../../topology/diff/compare.ts";
import { formatDiffMarkdown } from "../../topology/diff/markdown.ts";
import type { Interruption } from "../../topology/diff/schema.ts";
import { formatDiffText } from "../../topology/diff/text.ts";
import { standardInput } from "../../topology/expand/files.ts";
import { withBreaks } from "../../topology/graph/breaks.ts";
import { mergeDrawings } from "../../topology/graph/merge.ts";
import { type Drawing, drawingOf } from "../../topology/graph/model.ts";
import { orientationOf } from "../../topology/graph/orientation.ts";
import {
  composedChanges,
  type GraphFormat,
  type GraphOptions,
  pictureOf,
  tooLarge,
} from "../../topology/graph/picture.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { planInNamesOf } from "../../topology/plan/renamed-clusters.ts";
import { colours as pc } from "../output/colours.ts";
import { graphFormat, groupingLabel, knownNames, writePicture } from "../output/picture-file.ts";
import { readRevision } from "../topology/topology-revision.ts";
import { UsageError } from "../usage-error.ts";

interface DiffOptions extends GraphOptions {
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly graph?: string | boolean;
  readonly groupBy?: string | false;
  /** What `pulumi up` will refuse is reported, and fails nothing. */
  readonly allowLosses?: boolean;
  /** A revision may lack the file. */
  readonly allowMissing?: boolean;
}

/** `bigpeer diff`: what changes between two topologies, and what it means.
 * @returns 1 if the head has errors that the base has not, or cannot be planned, if `pulumi up` will refuse the change, or if a side is
 * not there, unless the options allow it; else 0 */
export async function diffCommand(baseName: string, headName: string, options: DiffOptions): Promise<number> {
  if (baseName === standardInput && headName === standardInput)
    throw new UsageError("both sides cannot be the standard input; name a file for one of them");
  const file = typeof options.graph === "string" ? options.graph : undefined;
  const format = graphFormat({ out: file });
  const [base, head] = await Promise.all([readRevision(baseName), readRevision(headName)]);
  if (base.absent && head.absent)
    throw new UsageError(
      `neither ${baseName} nor ${headName} exists: ${base.absent}. Paths in a revision begin at the repository's root`,
    );
  if (base.plan && head.plan) knownNames(headName, options, [base.plan, head.plan]);
  const diff = diffTopologies(base, head);
  const drawing =
    options.graph && base.plan && head.plan
      ? drawnChanges(headName, base.plan, head.plan, diff.interruptions, options)
      : undefined;
  // The report is what a pull request waits for; it does not fail for a picture.
  const refusal = drawing && file !== undefined ? refusalOf(drawing, format) : undefined;
  if (refusal !== undefined) console.error(`${file} is not written: ${refusal}`);
  else if (drawing && file !== undefined) writePicture(file, await pictureOf(drawing, format, diff.summary));
  const mermaid = drawing ? await pictureOf(drawing, "mermaid", diff.summary) : undefined;
  if (options.json) console.log(JSON.stringify(diff, null, 2));
  else if (options.markdown)
    process.stdout.write(
      formatDiffMarkdown(diff, drawing && mermaid ? { mermaid, wide: orientationOf(drawing).wide } : {}),
    );
  else console.log(formatDiffText(diff, pc));
  const newErrors = diff.findings.new.some(({ severity }) => severity === "error");
  const refused = diff.refused.some(({ severity }) => severity === "error") && !options.allowLosses;
  const missing = diff.missing.length > 0 && !options.allowMissing;
  if (missing)
    console.error(
      `the ${diff.missing.join(" and the ")} has no such file; --allow-missing accepts that as a new or deleted file`,
    );
  return newErrors || refused || missing || diff.unplanned.includes("head") ? 1 : 0;
}

function drawnChanges(
  file: string,
  base: Plan,
  head: Plan,
  interruptions: readonly Interruption[],
  options: DiffOptions,
): Drawing {
  const label = groupingLabel(file, options.groupBy, [head, base]);
  const merged = mergeDrawings(drawingOf(planInNamesOf(head, base), label), drawingOf(head, label));
  return composedChanges(withBreaks(merged, interruptions), options);
}

function refusalOf(drawing: Drawing, format: GraphFormat): string | undefined {
  if (drawing.clusters.length === 0) return "nothing changes that a picture would show";
  return tooLarge(drawing, format);
}
