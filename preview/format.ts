import { commentLimit, cut, fittingComment, listOf, plain } from "../report/markdown.ts";
import { type Colours, oneLine, sectionBlocks } from "../report/text.ts";
import { isUnexplained } from "./fold.ts";
import type { PreviewReport } from "./schema.ts";
import { causeSentences, sectionsOf } from "./sections.ts";

/** The tools that keep one comment per pull request find it by this. */
const previewMarker = "<!-- bigpeer-topology preview -->";

/** The report as a comment: the summary, then what needs a second look, all else folded. Never over the limit. */
export function formatPreviewMarkdown(
  report: PreviewReport,
  { limit = commentLimit }: { limit?: number } = {},
): string {
  const summary = `**Preview of ${plain(oneLine(report.summary))}**`;
  const unexplained = listOf(causeSentences(report.steps.filter(isUnexplained)));
  const intro = [previewMarker, summary, unexplained, note(report, plain)].filter((part) => part !== "");
  return fittingComment(intro, sectionsOf(report), `${previewMarker}\n\n${cut(summary)}\n`, limit);
}

/** The report for a terminal. */
export function formatPreviewText(report: PreviewReport, colours: Colours): string {
  const blocks = sectionBlocks(sectionsOf(report), colours);
  return [colours.bold(`Preview of ${oneLine(report.summary)}`), ...blocks, note(report)]
    .filter((block) => block !== "")
    .join("\n\n");
}

function note({ refreshed, base = "", baseMissing }: PreviewReport, shown = (text: string) => text): string {
  const missing = `The base lacks the file, so the whole topology is treated as new: ${shown(oneLine(base))}.`;
  const live = "The live objects were not read; `--refresh` reads them, and shows what has drifted.";
  return [...(baseMissing ? [missing] : []), ...(refreshed ? [] : [live])].join(" ");
}
