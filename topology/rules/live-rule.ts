import type { RuleDescription } from "../findings/rule-description.ts";
import type { Severity } from "../findings/severity.ts";

/** A rule that is judged by asking the clusters. No comment in the file can silence it. */
export function described(
  id: string,
  severity: Severity,
  summary: string,
  { why, source }: { why: string; source: string },
): RuleDescription {
  return { id, severity, summary, why, source, ignorable: false };
}
