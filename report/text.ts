import { headingOf, type Mark, type Section } from "./sections.ts";

/** Colours of a terminal, or none. */
export interface Colours {
  readonly bold: (text: string) => string;
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
}

/** The sections of a report for a terminal, each as a block of lines. */
export function sectionBlocks(sections: readonly Section[], colours: Colours): string[] {
  const colourOf: Record<Mark, (text: string) => string> = {
    "+": colours.green,
    "-": colours.red,
    "!": colours.yellow,
    " ": (text) => text,
  };
  return sections.map((section) => {
    const lines = section.items.flatMap(({ lines }) => lines);
    const shown = lines.map(({ mark, text }) => colourOf[mark](`  ${mark} ${oneLine(text)}`));
    return [colours.bold(headingOf(section)), ...shown].join("\n");
  });
}

/** A query may span lines, and a file of somebody else may hold a terminal's control characters. */
export function oneLine(text: string): string {
  return text.replace(/\s*[\r\n\u2028\u2029]\s*/g, " ").replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
