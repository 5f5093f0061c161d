import { type Colours, oneLine, sectionBlocks } from "../../report/text.ts";
import type { TopologyDiff } from "./schema.ts";
import { sectionsOf } from "./sections.ts";

/** The report for a terminal. */
export function formatDiffText(diff: TopologyDiff, colours: Colours): string {
  const blocks = sectionBlocks(sectionsOf(diff), colours);
  const consequences = diff.consequences.map((sentence) => colours.yellow(`! ${oneLine(sentence)}`));
  const summary = colours.bold(oneLine(diff.summary));
  return [summary, ...(consequences.length > 0 ? [consequences.join("\n")] : []), ...blocks].join("\n\n");
}
