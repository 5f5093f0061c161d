import { commentLimit, cut, fittingComment, plain } from "../topology/diff/markdown.ts";
import { headingOf, type Mark } from "../topology/diff/sections.ts";
import { type Colours, oneLine } from "../topology/diff/text.ts";
import { isUnexplained } from "./fold.ts";
import type { PreviewReport } from "./schema.ts";
import { sectionsOf, sentenceOf } from "./sections.ts";

/** The tools that keep one comment per pull request find it by this. */
export const previewMarker = "<!-- bigpeer-topology preview -->";

const maxSentences = 10;

/** The report as a comment: the summary, then what needs a second look, all else folded. Never over the limit. */
export function formatPreviewMarkdown(
  report: PreviewReport,
  { limit = commentLimit }: { limit?: number } = {},
): string {
  const summary = `**Preview of ${plain(oneLine(report.summary))}**`;
  const unexplained = report.steps.filter(isUnexplained);
  const sentences = unexplained.slice(0, maxSentences).map((step) => `- ${plain(cut(oneLine(sentenceOf(step))))}`);
  if (unexplained.length > maxSentences) sentences.push(`- and ${unexplained.length - maxSentences} more`);
  const intro = [previewMarker, summary, sentences.join("\n"), note(report, plain)].filter((part) => part !== "");
  return fittingComment(intro, sectionsOf(report), `${previewMarker}\n\n${cut(summary)}\n`, limit);
}

/** The report for a terminal. */
export function formatPreviewText(report: PreviewReport, colours: Colours): string {
  const colourOf: Record<Mark, (text: string) => string> = {
    "+": colours.green,
    "-": colours.red,
    "!": colours.yellow,
    " ": (text) => text,
  };
  const blocks = sectionsOf(report).map((section) => {
    const lines = section.items.flatMap(({ lines }) => lines);
    const shown = lines.map(({ mark, text }) => colourOf[mark](`  ${mark} ${oneLine(text)}`));
    return [colours.bold(headingOf(section)), ...shown].join("\n");
  });
  return [colours.bold(`Preview of ${oneLine(report.summary)}`), ...blocks, note(report)]
    .filter((block) => block !== "")
    .join("\n\n");
}

function note({ refreshed, base = "", baseMissing }: PreviewReport, shown = (text: string) => text): string {
  const missing = `The base has no such file, so the whole topology is taken for new: ${shown(oneLine(base))}.`;
  const live = "The live objects were not looked at; `--refresh` does, and shows what has drifted.";
  return [...(baseMissing ? [missing] : []), ...(refreshed ? [] : [live])].join(" ");
}
