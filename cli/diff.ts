import pc from "picocolors";
import { diffTopologies } from "../topology/diff/compare.ts";
import { formatDiffMarkdown } from "../topology/diff/markdown.ts";
import { formatDiffText } from "../topology/diff/text.ts";
import { readRevision } from "./topology-revision.ts";

/** `bigpeer diff`: what changes between two topologies, and what it means.
 * @returns 1 if the head has errors that the base has not, or cannot be planned, else 0 */
export async function diffCommand(
  base: string,
  head: string,
  options: { json?: boolean; markdown?: boolean },
): Promise<number> {
  const diff = diffTopologies(readRevision(base), readRevision(head));
  if (options.json) console.log(JSON.stringify(diff, null, 2));
  else if (options.markdown) process.stdout.write(formatDiffMarkdown(diff));
  else console.log(formatDiffText(diff, pc));
  const newErrors = diff.findings.new.some(({ severity }) => severity === "error");
  return newErrors || diff.unplanned.includes("head") ? 1 : 0;
}
