/** How much a finding weighs: an `error` stops everything before the first write, a `warning` and a `note` do not. */
export type Severity = "error" | "warning" | "note";

/** Steps from the root of the topology file to the value in question, such as `["peers", "bp1", "version"]`. */
export type Path = readonly (string | number)[];

/** A place in a topology file. Lines and columns count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The column behind the last character of the thing, on the same line. */
  readonly endColumn?: number;
}

/** One thing that is wrong with a topology: where, what, why it hurts, and what to write instead. */
export interface Finding {
  /** Stable id of the rule, such as `unknown-peer`; docs/rules.md has a section for each. */
  readonly rule: string;
  readonly severity: Severity;
  readonly path: Path;
  /** What is wrong, in one sentence. */
  readonly what: string;
  /** What would happen if it were deployed. */
  readonly why: string;
  /** What to write instead. */
  readonly fix: string;
  readonly location?: Location;
}

/**
 * What a user did wrong. It carries every finding at once, prints without a stack, and is the only error that the program and
 * the CLI catch.
 */
export class TopologyError extends Error {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    super(formatFindings(findings));
    this.name = "TopologyError";
    this.findings = findings;
  }
}

/** Prints a path as a person writes it: `peers.bp1.version`, `replications.blue-cars.between[1]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}

/** `file:line:column`, which editors and terminals turn into a link. */
export function formatLocation(location: Location): string {
  return `${location.file}:${location.line}:${location.column}`;
}

/** A finding as plain text, over several lines, without colour. */
export function formatFinding(finding: Finding): string {
  const where = finding.location ? `${formatLocation(finding.location)} ` : "";
  const path = finding.path.length > 0 ? `${formatPath(finding.path)}: ` : "";
  return [
    `${where}${finding.severity} [${finding.rule}]`,
    `  ${path}${finding.what}`,
    `  why: ${finding.why}`,
    `  fix: ${finding.fix}`,
  ].join("\n");
}

/** All findings, errors first, in the order of the file within a severity, and a closing count. */
export function formatFindings(findings: readonly Finding[]): string {
  const errors = findings.filter((finding) => finding.severity === "error").length;
  const others = findings.length - errors;
  const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? "" : "s"}`;
  const closing = [errors > 0 ? count(errors, "error") : "", others > 0 ? count(others, "warning") : ""]
    .filter((part) => part !== "")
    .join(", ");
  return [...sortFindings(findings).map(formatFinding), closing].join("\n\n");
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
