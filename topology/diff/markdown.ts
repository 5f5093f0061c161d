import { code, commentLimit, cut, fittingComment, listOf, plain } from "../../report/markdown.ts";
import { oneLine } from "../../report/text.ts";
import type { TopologyDiff } from "./schema.ts";
import { sectionsOf } from "./sections.ts";

/** The tools that keep one comment per pull request find it by this. */
const commentMarker = "<!-- bigpeer-topology diff -->";

const moreOfThisKind = "more of this kind";

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

/** The longest text that Mermaid draws by its defaults. */
const maxMermaidText = 50_000;
const maxMermaidLines = 500;

function pictureOf(mermaid: string, limit: number): string {
  if (mermaid === "") return "";
  if (mermaid.length > Math.min(maxMermaidText, limit / 3) || mermaid.split("\n").length > maxMermaidLines)
    return "The picture is too large for a comment; `bigpeer diff --graph changes.svg` draws it, and `--app` or `--peer` narrow it.";
  return `\`\`\`mermaid\n${mermaid}\`\`\``;
}

/** The refusals, which are never folded, since they have to be settled before the merge. */
function refusedOf({ refused }: TopologyDiff): string {
  if (refused.length === 0) return "";
  const sentences = refused.map(({ rule, severity, what }) => {
    return `[${rule}] ${severity === "error" ? "" : "perhaps: "}${what}`;
  });
  return `After a merge, \`pulumi up\` refuses this; what to do is under "Refused by pulumi up".\n\n${listOf(sentences, moreOfThisKind)}`;
}

function consequencesOf({ consequences }: TopologyDiff): string {
  return listOf(consequences, moreOfThisKind);
}
