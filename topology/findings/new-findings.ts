import type { Finding } from "./finding.ts";

/** The findings of an edited topology that it did not have before, wherever they stand. */
export function newFindings(before: readonly Finding[], after: readonly Finding[]): Finding[] {
  const said = ({ rule, what }: Finding) => `${rule} ${what}`;
  const known = new Set(before.map(said));
  return after.filter((finding) => !known.has(said(finding)));
}
