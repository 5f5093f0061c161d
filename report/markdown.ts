import { headingOf, type Item, type Section } from "./sections.ts";
import { oneLine } from "./text.ts";

/** In characters: what GitHub takes as one comment (65,536), less the room for a marker and the line that says where it comes from. */
export const commentLimit = 65_000;

const maxLine = 600;
const maxSentences = 10;

/** A comment of an introduction and folded sections. Never over the limit: the sections shrink first, then `shortest` is all. */
export function fittingComment(
  intro: readonly string[],
  sections: readonly Section[],
  shortest: string,
  limit: number = commentLimit,
): string {
  // Halving the room of every section until all fit keeps each section's largest changes.
  for (let most = Number.POSITIVE_INFINITY; ; most = Math.min(most, 8192) / 2) {
    const text = `${[...intro, ...sections.map((section) => folded(section, most))].join("\n\n")}\n`;
    if (text.length <= limit) return text;
    if (most < 1) return shortest;
  }
}

function folded(section: Section, most: number): string {
  const shown = largest(section.items, most);
  const left = section.items.length - shown.length;
  const lines = shown.flatMap(({ lines }) => lines.map(({ mark, text }) => `${mark} ${cut(oneLine(text))}`.trimEnd()));
  if (left > 0) lines.push(`  and ${left} more`);
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([ticks]) => ticks.length)));
  const fence = "`".repeat(longest + 1);
  const body = [`${fence}diff`, ...lines, fence].join("\n");
  return `<details><summary>${html(headingOf(section))}</summary>\n\n${body}\n\n</details>`;
}

/** As many items as have `most` lines together, those with the most lines first, in the order of the report. */
function largest(items: readonly Item[], most: number): Item[] {
  if (most === Number.POSITIVE_INFINITY) return [...items];
  const kept = new Set<Item>();
  let lines = 0;
  for (const item of [...items].sort((a, b) => b.lines.length - a.lines.length)) {
    if (lines + item.lines.length > most) continue;
    kept.add(item);
    lines += item.lines.length;
  }
  return items.filter((item) => kept.has(item));
}

/** Sentences as a list: equal ones once with their number, the first of them, and how many more there are.
 * @param more what the rest is called
 * @param most how many are shown */
export function listOf(all: readonly string[], more = "more", most = maxSentences): string {
  const sentences = [...Map.groupBy(all, (sentence) => sentence)].map(([sentence, { length }]) =>
    length === 1 ? sentence : `${sentence} (${length} times)`,
  );
  const shown = sentences.slice(0, most).map((sentence) => `- ${plain(cut(oneLine(sentence)))}`);
  const rest = sentences.length - shown.length;
  return [...shown, ...(rest > 0 ? [`- and ${rest} ${more}`] : [])].join("\n");
}

/** Inside of single backticks. */
export function code(name: string): string {
  return cut(oneLine(name)).replaceAll("`", "'");
}

/** A line of bounded length. */
export function cut(text: string): string {
  return text.length <= maxLine ? text : `${text.slice(0, maxLine)} ... (${text.length} characters)`;
}

/** Names and queries are other people's text: no HTML, no formatting, no mention of anybody. */
export function plain(text: string): string {
  return html(text.replace(/[\\`*_[\]|~#!]/g, "\\$&"));
}

function html(text: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "@\u200b" };
  return text.replace(/[&<>@]/g, (character) => entities[character] ?? character);
}
