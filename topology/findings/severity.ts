/** How much a finding weighs: an `error` stops everything before the first write, a `warning` and a `note` do not. */
export type Severity = "error" | "warning" | "note";
