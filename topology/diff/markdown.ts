import type { TopologyDiff } from "./schema.ts";
import { headingOf, type Item, type Section, sectionsOf } from "./sections.ts";
import { oneLine } from "./text.ts";

/** In characters: what GitHub takes as one comment (65,536), less the room for a marker and the line that says where it comes from. */
export const commentLimit = 65_000;

/** The tools that keep one comment per pull request find it by this. */
export const commentMarker = "<!-- bigpeer-topology diff -->";

const maxLine = 600;
const maxConsequences = 10;

/** The report as a comment: the summary first, what cannot be taken back next, all else folded. Never over the limit. */
export function formatDiffMarkdown(diff: TopologyDiff, options: { limit?: number; mermaid?: string } = {}): string {
  const limit = options.limit ?? commentLimit;
  const sections = sectionsOf(diff);
  const intro = [
    commentMarker,
    `**${plain(oneLine(diff.summary))}**`,
    refusedOf(diff),
    consequencesOf(diff),
    `From \`${code(diff.base)}\` to \`${code(diff.head)}\`.`,
    pictureOf(options.mermaid ?? "", limit),
  ].filter((part) => part !== "");
  return fittingComment(intro, sections, `${commentMarker}\n\n**${plain(cut(oneLine(diff.summary)))}**\n`, limit);
}

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

/** What Mermaid draws at most, by its defaults. */
const maxMermaidText = 50_000;
const maxMermaidLines = 500;

function pictureOf(mermaid: string, limit: number): string {
  if (mermaid === "") return "";
  if (mermaid.length > Math.min(maxMermaidText, limit / 3) || mermaid.split("\n").length > maxMermaidLines)
    return "The picture is too large for a comment; `bigpeer diff --graph changes.svg` draws it, and `--app` or `--peer` narrow it.";
  return `\`\`\`mermaid\n${mermaid}\`\`\``;
}

/** What has to be settled before the merge is never folded. */
function refusedOf({ refused }: TopologyDiff): string {
  if (refused.length === 0) return "";
  const sentences = refused.map(({ rule, severity, what }) => {
    return `[${rule}] ${severity === "error" ? "" : "perhaps: "}${what}`;
  });
  return `After a merge, \`pulumi up\` refuses this; what to do is under "Refused by pulumi up".\n\n${listOf(sentences)}`;
}

function consequencesOf({ consequences }: TopologyDiff): string {
  return listOf(consequences);
}

function listOf(sentences: readonly string[]): string {
  const shown = sentences.slice(0, maxConsequences).map((sentence) => `- ${plain(cut(oneLine(sentence)))}`);
  const rest = sentences.length - shown.length;
  return [...shown, ...(rest > 0 ? [`- and ${rest} more of this kind`] : [])].join("\n");
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

/** Inside of single backticks. */
function code(name: string): string {
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
