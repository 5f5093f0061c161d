import type { Finding } from "../../topology/findings/finding.ts";

/** A finding in the JSON of a command that edits a topology. It has no place: the edit may have moved it. */
export function toldInJson({
  rule,
  severity,
  what,
  fix,
}: Finding): Pick<Finding, "rule" | "severity" | "what" | "fix"> {
  return { rule, severity, what, fix };
}
