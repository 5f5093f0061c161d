import { code, commentLimit, cut, fittingComment, listOf, plain } from "../../report/markdown.ts";
import type { Section } from "../../report/sections.ts";
import { oneLine } from "../../report/text.ts";
import { interruptionSentences } from "./interruption-items.ts";
import { joinedObjects } from "./object-sections.ts";
import type { TopologyDiff } from "./schema.ts";
import { sectionsOf } from "./sections.ts";
import { findingSentences, flowSentences } from "./sentences.ts";

/** The tools that keep one comment per pull request find it by this. */
const commentMarker = "<!-- bigpeer-topology diff -->";

const moreOfThisKind = "more of this kind";

/** How many sentences of each list stand open; fewer, where the comment would be too long. */
const sentencesTried = [10, 4, 1];

/** More clusters than this, and their objects are folded into one. */
const maxObjectSections = 12;

/**
 * The report as a comment: the summary, then in sentences what is lost, what flows elsewhere, what is newly wrong and what breaks; the
 * objects and all details are folded. Never over the limit.
 */
export function formatDiffMarkdown(
  diff: TopologyDiff,
  options: { limit?: number; mermaid?: string; wide?: boolean } = {},
): string {
  const limit = options.limit ?? commentLimit;
  const sections = withJoinedObjects(sectionsOf(diff), diff);
  const summary = plain(oneLine(diff.summary));
  const shortest = `${commentMarker}\n\n**${plain(cut(oneLine(diff.summary))).slice(0, Math.max(0, limit - 50))}**\n`;
  const drawn = pictureOf(options.mermaid ?? "", limit);
  for (const most of sentencesTried) {
    const intro = [
      commentMarker,
      `**${summary}**`,
      refusedOf(diff, most),
      openList("Data", flowSentences(diff), most),
      openList("New findings", findingSentences(diff), most),
      openList("What to know", diff.consequences, most),
      openList("Interruptions", interruptionSentences(diff), most),
      `From \`${code(diff.base)}\` to \`${code(diff.head)}\`.`,
      drawn,
      options.wide && drawn.startsWith("```") ? larger : "",
    ].filter((part) => part !== "");
    const comment = fittingComment(intro, sections, shortest, limit);
    if (comment !== shortest) return comment;
  }
  return shortest;
}

function openList(title: string, sentences: readonly string[], most: number): string {
  return sentences.length === 0 ? "" : `**${title}**\n\n${listOf(sentences, moreOfThisKind, most)}`;
}

/** Hundreds of headings would leave no room for what is under them. */
function withJoinedObjects(sections: readonly Section[], diff: TopologyDiff): Section[] {
  const objects = sections.filter(({ title }) => title.startsWith("Objects in "));
  if (objects.length <= maxObjectSections) return [...sections];
  return [...sections.filter((section) => !objects.includes(section)), joinedObjects(diff)];
}

/** The longest text that Mermaid draws by its defaults. */
const maxMermaidText = 50_000;
const maxMermaidLines = 500;

/** Under a picture that a forge shrinks to the width of a comment. */
const larger =
  "`bigpeer diff --graph changes.svg` draws the picture larger than it is here; `--app` and `--peer` narrow it.";

function pictureOf(mermaid: string, limit: number): string {
  // A header alone draws nothing, and a forge shows an empty frame.
  if (!/^\s*(?:subgraph\b|[cm]\d)/m.test(mermaid)) return "";
  if (mermaid.length > Math.min(maxMermaidText, limit / 3) || mermaid.split("\n").length > maxMermaidLines)
    return "The picture is too large for a comment; `bigpeer diff --graph changes.svg` draws it, and `--app` or `--peer` narrow it.";
  return `\`\`\`mermaid\n${mermaid}\`\`\``;
}

/** The refusals, which are never folded, since they have to be settled before the merge. */
function refusedOf({ refused }: TopologyDiff, most: number): string {
  if (refused.length === 0) return "";
  const sentences = refused.map(({ rule, severity, what }) => {
    return `[${rule}] ${severity === "error" ? "" : "perhaps: "}${what}`;
  });
  return `After a merge, \`pulumi up\` refuses this; what to do is under "Refused by pulumi up".\n\n${listOf(sentences, moreOfThisKind, most)}`;
}
