import pc from "picocolors";
import { diffTopologies } from "../topology/diff/compare.ts";
import { formatDiffMarkdown } from "../topology/diff/markdown.ts";
import { formatDiffText } from "../topology/diff/text.ts";
import { mergeDrawings } from "../topology/graph/merge.ts";
import { drawingOf } from "../topology/graph/model.ts";
import { composedChanges, pictureOf } from "../topology/graph/picture.ts";
import { graphFormat, writePicture } from "./graph.ts";
import { readRevision } from "./topology-revision.ts";
import { UsageError } from "./usage-error.ts";

/** `bigpeer diff`: what changes between two topologies, and what it means.
 * @returns 1 if the head has errors that the base has not, or cannot be planned, else 0 */
export async function diffCommand(
  baseName: string,
  headName: string,
  options: { json?: boolean; markdown?: boolean; graph?: string | boolean },
): Promise<number> {
  const file = typeof options.graph === "string" ? options.graph : undefined;
  const format = graphFormat({ out: file });
  const [base, head] = await Promise.all([readRevision(baseName), readRevision(headName)]);
  if (base.absent && head.absent)
    throw new UsageError(
      `neither ${baseName} nor ${headName} is there; paths in a revision begin at the repository's root`,
    );
  const diff = diffTopologies(base, head);
  const drawing =
    base.plan && head.plan ? composedChanges(mergeDrawings(drawingOf(base.plan), drawingOf(head.plan)), {}) : undefined;
  if (file !== undefined && drawing) writePicture(file, await pictureOf(drawing, format, diff.summary));
  const mermaid = options.graph && drawing ? await pictureOf(drawing, "mermaid", diff.summary) : undefined;
  if (options.json) console.log(JSON.stringify(diff, null, 2));
  else if (options.markdown) process.stdout.write(formatDiffMarkdown(diff, mermaid === undefined ? {} : { mermaid }));
  else console.log(formatDiffText(diff, pc));
  const newErrors = diff.findings.new.some(({ severity }) => severity === "error");
  return newErrors || diff.unplanned.includes("head") ? 1 : 0;
}
