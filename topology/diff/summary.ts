import { count } from "../../report/words.ts";
import type { TopologyDiff } from "./schema.ts";

/** The one line that everybody reads: what changes, what breaks off, what flows elsewhere, what is newly wrong. */
export function summaryOf(diff: Omit<TopologyDiff, "summary">): string {
  if (diff.unplanned.length > 0) {
    const errors = diff.findings.new.filter(({ severity }) => severity === "error").length;
    const sides = diff.unplanned.join(" and the ");
    const have = diff.unplanned.length === 1 ? "has" : "have";
    return `Not compared: the ${sides} ${have} errors that prevent a plan${errors > 0 ? ` (${errors} new)` : ""}.`;
  }
  const parts = [
    ...(["clusters", "peers", "apps", "replications"] as const).map((key) => entriesPart(key, diff[key])),
    diff.settings.length > 0 ? "settings of the whole topology" : "",
    diff.operator.length > 0 ? "assumptions about the operator" : "",
  ].filter((part) => part !== "");
  const objects = (["create", "change", "replace", "delete"] as const).flatMap((action) => {
    const n = diff.objects.filter((object) => object.action === action && object.role === "object").length;
    return n === 0 ? [] : [`${n} ${pastOf[action]}`];
  });
  const patched = diff.objects.filter(({ role }) => role === "patch").length;
  if (patched > 0) objects.push(`${patched} patched`);
  const starts = diff.flows.filter(({ effect }) => effect === "starts" || effect === "widens").length;
  const stops = diff.flows.filter(({ effect }) => effect === "stops" || effect === "narrows").length;
  const turns = diff.flows.length - starts - stops;
  const refused = diff.refused.filter(({ severity }) => severity === "error").length;
  const missing = diff.missing.map((side) => `The ${side} lacks the file. `).join("");
  const clauses = [
    parts.length === 0 ? "The topology does not change" : `Changes ${parts.join(", ")}`,
    objects.length === 0 ? "" : `objects: ${objects.join(", ")}`,
    refused === 0 ? "" : `pulumi up will refuse ${count(refused, "loss")}`,
    diff.interruptions.length === 0 ? "" : `${count(diff.interruptions.length, "connection")} interrupted`,
    starts + stops + turns === 0
      ? ""
      : `data flows: ${[starts > 0 ? `${starts} more` : "", stops > 0 ? `${stops} less` : "", turns > 0 ? `${turns} other` : ""].filter((text) => text !== "").join(", ")}`,
    findingsPart(diff),
  ].filter((clause) => clause !== "");
  return `${missing}${clauses.join("; ")}.`;
}

const pastOf = { create: "created", change: "changed", replace: "replaced", delete: "deleted" };

const nouns = { clusters: "cluster", peers: "peer", apps: "app", replications: "replication" };

function entriesPart(
  key: keyof typeof nouns,
  entries: readonly { readonly action: string; readonly name: string }[],
): string {
  if (entries.length === 0) return "";
  const [first] = entries;
  if (first && entries.length === 1)
    return `${nouns[key]} ${first.name}${first.action === "changed" ? "" : ` (${first.action})`}`;
  return count(entries.length, nouns[key]);
}

function findingsPart({ findings }: Pick<TopologyDiff, "findings">): string {
  const errors = findings.new.filter(({ severity }) => severity === "error").length;
  const warnings = findings.new.length - errors;
  return [
    errors > 0 ? `${count(errors, "new error")}` : "",
    warnings > 0 ? `${count(warnings, "new finding")}` : "",
    findings.changed.length > 0 ? `${count(findings.changed.length, "finding")} with other numbers` : "",
    findings.gone.length > 0 ? `${count(findings.gone.length, "finding")} resolved` : "",
  ]
    .filter((text) => text !== "")
    .join(", ");
}
