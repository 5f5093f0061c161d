import type { Finding } from "./finding.ts";

/** Findings that are told once. */
export interface Told {
  readonly first: Finding;
  /** The same mistake, from the line that `first` names. */
  readonly sameLine: readonly Finding[];
  /** The same sentence, at other places. */
  readonly elsewhere: readonly Finding[];
}

/** Fewer, and each is told with its own place and command. */
const leastAlike = 4;

/** Puts findings together that say the same: what a template or a default has wrong, however many entries are made from it, and what many entries lack. */
export function alikeFindings(findings: readonly Finding[]): Told[] {
  const lines = [...Map.groupBy(findings, lineOf).values()];
  const groups = Map.groupBy(lines, ([first]) => (first ? sentenceOf(first) : ""));
  return [...groups.values()].flatMap((group): Told[] => {
    const told = group.flatMap(([first, ...sameLine]) => (first ? [{ first, sameLine, elsewhere: [] }] : []));
    const [model] = told;
    if (!model || told.length < leastAlike) return told;
    return [{ ...model, sameLine: [], elsewhere: group.flat().slice(1) }];
  });
}

function lineOf(finding: Finding): string | Finding {
  const { rule, location } = finding;
  return location?.via ? JSON.stringify([rule, location.file, location.line, location.column]) : finding;
}

function sentenceOf({ rule, alike, what, why, fix }: Finding): string {
  return JSON.stringify(alike === undefined ? [rule, what, why, fix] : [rule, alike]);
}
