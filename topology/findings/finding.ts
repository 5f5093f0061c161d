import { names } from "../../report/words.ts";
import { alikeFindings } from "./alike.ts";
import type { RuleDescription } from "./rule-description.ts";
import type { Severity } from "./severity.ts";

/** Steps from the root of the topology file to the value in question, such as `["peers", "bp1", "version"]`. */
export type Path = readonly (string | number)[];

/** A place in a topology file. Lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The column after the last character, on the same line. */
  readonly endColumn?: number;
  /** The other line that is involved: the template of a row, the row of a template, or the entry that took a default. */
  readonly via?: Location;
}

/** The details of a finding beside its rule. */
export interface FindingDetails {
  readonly path: Path;
  /** The problem, in one sentence. */
  readonly what: string;
  /** The consequence if it were deployed. Default: the reason that the rule states. */
  readonly why?: string | undefined;
  /** The text to write instead. */
  readonly fix: string;
  readonly location?: Location | undefined;
  /** The line of the file at `location`, with secrets blanked. */
  readonly excerpt?: string | undefined;
  /** Findings of a rule with the same value are reported once if there are many, even if each names something of its own. @default the sentences */
  readonly alike?: string | undefined;
}

/**
 * One problem of a topology: its place, what is wrong, why it matters, and what to write instead. Only the constructor creates a finding, and takes
 * id and severity from the rule's description, so that docs/rules.md describes the findings of a rule as they are.
 */
export class Finding {
  readonly #rule: RuleDescription;
  /** Stable id of the rule, such as `unknown-key`; docs/rules.md has a section for each. */
  readonly rule: string;
  readonly severity: Severity;
  readonly path: Path;
  readonly what: string;
  readonly why: string;
  readonly fix: string;
  readonly location: Location | undefined;
  readonly excerpt: string | undefined;
  /** Not in the JSON of a finding. */
  readonly #alike: string | undefined;

  constructor(rule: RuleDescription, { path, what, why = rule.why, fix, location, excerpt, alike }: FindingDetails) {
    this.#rule = rule;
    this.rule = rule.id;
    this.severity = rule.severity;
    this.path = path;
    this.what = what;
    this.why = why;
    this.fix = fix;
    this.location = location;
    this.excerpt = excerpt;
    this.#alike = alike;
  }

  /** The value that it shares with other findings that are reported together with it. */
  get alike(): string | undefined {
    return this.#alike;
  }

  /** The same finding with other details, such as its place in the file. */
  with(details: Partial<FindingDetails>): Finding {
    const { path, what, why, fix, location, excerpt, alike } = this;
    return new Finding(this.#rule, { path, what, why, fix, location, excerpt, alike, ...details });
  }
}

/** The style of the parts of a printed finding; the default leaves them plain. */
export interface Paint {
  error(text: string): string;
  warning(text: string): string;
  note(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

/**
 * A mistake of the user. The error carries all findings at once, prints without a stack trace, and is the only error that the program and the CLI
 * catch.
 */
export class TopologyError extends Error {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    super(formatFindings(findings));
    this.name = "TopologyError";
    this.findings = findings;
  }
}

/** Formats a path as a person writes it: `peers.bp1.version`, `replications.blue-cars.between[1]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** `file:line:column`, which editors and terminals turn into a link, followed by the other line that is involved. */
export function formatLocation({ file, line, column, via }: Location): string {
  return `${file}:${line}:${column}${via ? ` (via ${via.file}:${via.line})` : ""}`;
}

const asItIs = (text: string) => text;
const plain: Paint = { error: asItIs, warning: asItIs, note: asItIs, strong: asItIs, faint: asItIs };

/**
 * Formats a finding on several lines: its place, what is wrong, the line of the file with a mark under the place, why it matters, and what to write
 * instead.
 */
export function formatFinding(finding: Finding, paint: Paint = plain): string {
  const where = finding.location ? `${formatLocation(finding.location)} ` : "";
  const path = finding.path.length > 0 ? `${formatPath(finding.path)}: ` : "";
  return [
    `${paint.faint(where)}${paint[finding.severity](finding.severity)} ${finding.rule}  ${paint.strong(visible(`${path}${finding.what}`))}`,
    ...markedLine(finding, paint),
    `  ${paint.faint("why:")} ${visible(finding.why)}`,
    `  ${paint.faint("fix:")} ${visible(finding.fix)}`,
  ].join("\n");
}

/** Control characters and marks that turn the direction of writing: a file under review must not rule the terminal of its reader. */
const unseen = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** With what a terminal would obey made visible. */
export function visible(text: string): string {
  return text.replace(unseen, (each) => escapes[each] ?? `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A space as wide as each character of a text: tabs stay, Chinese, Japanese and Korean take two columns, accents none. */
function spacesFor(text: string): string {
  return text
    .replace(/\p{M}/gu, "")
    .replace(/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g, "\u3000")
    .replace(/[^\t\u3000]/g, " ");
}

/** Wider lines are cut around the place, so that the mark stays under it on a terminal of usual width. */
const excerptWidth = 100;

function markedLine({ excerpt, location, severity }: Finding, paint: Paint): string[] {
  if (excerpt === undefined || !location) return [];
  const start = location.column - 1;
  const length = Math.max(1, Math.min((location.endColumn ?? location.column + 1) - 1, excerpt.length) - start);
  const cut = excerpt.length <= excerptWidth ? 0 : Math.max(0, Math.min(start - 30, excerpt.length - excerptWidth));
  // One for one, so that the mark stays under its place.
  const shown = excerpt.slice(cut, cut + excerptWidth).replace(unseen, (each) => (each === "\t" ? each : "\uFFFD"));
  const line = `${cut > 0 ? "…" : ""}${shown}${cut + excerptWidth < excerpt.length ? "…" : ""}`;
  const before = spacesFor(line.slice(0, start - cut + (cut > 0 ? 1 : 0)));
  const mark = `^${"~".repeat(Math.max(0, Math.min(length, shown.length - (start - cut)) - 1))}`;
  const number = String(location.line).padStart(5);
  return [
    `${paint.faint(`${number} |`)} ${line}`,
    `${paint.faint(`${" ".repeat(number.length)} |`)} ${before}${paint[severity](mark)}`,
  ];
}

/** All findings, errors first, in the order of the file within a severity, and a closing line: how many, if nothing else. */
export function formatFindings(
  findings: readonly Finding[],
  paint: Paint = plain,
  closing = countFindings(findings),
): string {
  return [...findingTexts(findings, paint), closing].join("\n\n");
}

/** A text for each finding, or for all that say the same: errors first, in the order of the file within a severity. */
export function findingTexts(findings: readonly Finding[], paint: Paint = plain): string[] {
  return alikeFindings(sortFindings(findings)).map(({ first, sameLine, elsewhere }) => {
    const also = [
      ...(sameLine.length === 0
        ? []
        : [
            `the same mistake in ${sameLine.length} more ${sameLine.length === 1 ? "entry" : "entries"} that this line creates`,
          ]),
      ...(elsewhere.length === 0
        ? []
        : [`the same at ${elsewhere.length} other places: ${names(elsewhere.map(placeText))}`]),
    ];
    return [formatFinding(first, paint), ...also.map((text) => `  ${paint.faint("also:")} ${visible(text)}`)].join(
      "\n",
    );
  });
}

/** A place in few words: its path, with the line that it can be found at. */
function placeText({ path, location }: Finding): string {
  const line = location ? `${location.file}:${location.line}` : "";
  if (path.length === 0) return line;
  return line === "" ? formatPath(path) : `${formatPath(path)} (${line})`;
}

/** Counts findings: "2 errors, 1 warning", or "no findings" if there are none. */
export function countFindings(findings: readonly Finding[]): string {
  const counts = (["error", "warning", "note"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : `${count} ${severity}${count === 1 ? "" : "s"}`;
  });
  return counts.length === 0 ? "no findings" : counts.join(", ");
}

/** Errors before warnings before notes, then by place in the file. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const weight: Record<Severity, number> = { error: 0, warning: 1, note: 2 };
  return [...findings].sort(
    (a, b) =>
      weight[a.severity] - weight[b.severity] ||
      (a.location?.line ?? 0) - (b.location?.line ?? 0) ||
      (a.location?.column ?? 0) - (b.location?.column ?? 0),
  );
}
