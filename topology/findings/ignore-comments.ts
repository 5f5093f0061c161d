import type { Source } from "../file/source.ts";
import { allRules } from "../rules/index.ts";
import { reading } from "../rules/reading.ts";
import { Finding, type Location } from "./finding.ts";
import { suggestion } from "./suggest.ts";

/** A finding that a comment suppresses, and the reason that the comment gives. */
export interface IgnoredFinding {
  readonly finding: Finding;
  readonly reason: string;
}

interface IgnoreComment {
  readonly rule: string;
  readonly reason: string;
  readonly lines: { readonly first: number; readonly last: number };
  readonly location: Location;
}

const marker = "bigpeer-ignore";

/**
 * Turns findings down where a comment `# bigpeer-ignore <rule>: <reason>` says so: at the end of the finding's line, or above the
 * entry that holds it. A comment that does not do what it says is a finding itself. `complete` is false where not every rule
 * could look at the file: a comment that seems to be of no use may be of use then.
 */
export function applyIgnoreComments(
  source: Source,
  findings: readonly Finding[],
  complete: boolean,
): { findings: Finding[]; ignored: IgnoredFinding[] } {
  if (!source.parts.some(({ text }) => text.includes(marker))) return { findings: [...findings], ignored: [] };
  const wrong: Finding[] = [];
  const comments: IgnoreComment[] = [];
  for (const { text, lines, location } of source.comments()) {
    if (!text.trimStart().startsWith(marker)) continue;
    const parsed = parseComment(text);
    if ("fix" in parsed) wrong.push(new Finding(reading.ignoreComment, { path: [], ...parsed, location }));
    else comments.push({ ...parsed, lines, location });
  }
  const used = new Set<IgnoreComment>();
  const kept: Finding[] = [];
  const ignored: IgnoredFinding[] = [];
  for (const finding of findings) {
    const covers = comments.filter((each) => each.rule === finding.rule && speaksOf(each, finding.location));
    for (const comment of covers) used.add(comment);
    if (covers[0]) ignored.push({ finding, reason: covers[0].reason });
    else kept.push(finding);
  }
  if (complete) {
    for (const comment of comments.filter((each) => !used.has(each))) {
      const { first, last } = comment.lines;
      const where = first === last ? `line ${first}` : `lines ${first} to ${last}`;
      const what = `there is no ${comment.rule} on ${where}`;
      const fix = "remove the comment, or move it above the entry or to the end of the line that it is about";
      wrong.push(new Finding(reading.unusedIgnore, { path: [], what, fix, location: comment.location }));
    }
  }
  return { findings: [...kept, ...wrong], ignored };
}

/** Whether a comment is about a place, or about the other line that had a part in it: over a template, it is about every row. */
function speaksOf({ lines, location }: IgnoreComment, place: Location | undefined): boolean {
  return [place, place?.via].some(
    (each) => each?.file === location.file && lines.first <= each.line && each.line <= lines.last,
  );
}

function parseComment(text: string): { rule: string; reason: string } | { what: string; fix: string } {
  const [, rule, reason] = /^\s*bigpeer-ignore\s+([\w-]+)\s*(?::\s*(.*\S))?\s*$/.exec(text) ?? [];
  if (rule === undefined) {
    const example = "# bigpeer-ignore everything-everywhere: the price list is small";
    return { what: "names no rule", fix: `write \`${example}\`` };
  }
  const known = allRules.find(({ id }) => id === rule);
  const ignorable = allRules.filter((each) => each.ignorable).map(({ id }) => id);
  if (!known) return { what: `there is no rule "${rule}"`, fix: suggestion(rule, ignorable, "rule") };
  if (!known.ignorable)
    return { what: `${rule} cannot be suppressed: it would not work, whatever the reason`, fix: "fix what it finds" };
  if (reason === undefined)
    return { what: "gives no reason", fix: `write \`# bigpeer-ignore ${rule}: <why it is right here>\`` };
  return { rule, reason };
}
