import type { TopologyDiff } from "./schema.ts";
import { headingOf, type Mark, sectionsOf } from "./sections.ts";

/** Colours of a terminal, or none. */
export interface Colours {
  readonly bold: (text: string) => string;
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
}

/** The report for a terminal. */
export function formatDiffText(diff: TopologyDiff, colours: Colours): string {
  const colourOf: Record<Mark, (text: string) => string> = {
    "+": colours.green,
    "-": colours.red,
    "!": colours.yellow,
    " ": (text) => text,
  };
  const blocks = sectionsOf(diff).map((section) => {
    const lines = section.items.flatMap(({ lines }) => lines);
    const shown = lines.map(({ mark, text }) => colourOf[mark](`  ${mark} ${oneLine(text)}`));
    return [colours.bold(headingOf(section)), ...shown].join("\n");
  });
  const consequences = diff.consequences.map((sentence) => colours.yellow(`! ${oneLine(sentence)}`));
  const summary = colours.bold(oneLine(diff.summary));
  return [summary, ...(consequences.length > 0 ? [consequences.join("\n")] : []), ...blocks].join("\n\n");
}

/** A query may span lines, and a file of somebody else may hold a terminal's control characters. */
export function oneLine(text: string): string {
  return text.replace(/\s*[\r\n\u2028\u2029]\s*/g, " ").replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
