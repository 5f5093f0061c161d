import { type Finding, formatPath } from "../findings/finding.ts";
import type { TopologyDiff } from "./schema.ts";

/** A number that stands alone: neither a part of a name such as `bp1` nor of an address. */
const number = /(?<![\w."'/-])\d+(?:[.,]\d+)*(?![\w"'/-])/g;

/**
 * Findings that come, go, or are the same but for a number. A count or a position that moves, because something else was edited, is no news
 * to a reviewer.
 */
export function findingChanges(base: readonly Finding[], head: readonly Finding[]): TopologyDiff["findings"] {
  const key = ({ rule, path, what }: Finding) => [rule, formatPath(path), what].join("\n");
  const [before, after] = [new Set(base.map(key)), new Set(head.map(key))];
  const gone = base.filter((finding) => !after.has(key(finding)));
  const former = Map.groupBy(gone, alike);
  const matched = new Set<Finding>();
  const added: TopologyDiff["findings"]["new"] = [];
  const changed: TopologyDiff["findings"]["changed"] = [];
  for (const finding of head) {
    if (before.has(key(finding))) continue;
    const was = former.get(alike(finding))?.shift();
    if (was === undefined) added.push(shownFinding(finding));
    else {
      matched.add(was);
      changed.push({ ...shownFinding(finding), before: was.what });
    }
  }
  return { new: added, gone: gone.filter((finding) => !matched.has(finding)).map(shownFinding), changed };
}

/** Equal for two findings that differ in numbers alone, or in their place in a list. */
function alike({ rule, severity, path, what }: Finding): string {
  return [rule, severity, formatPath(path).replace(/\[\d+\]/g, "[]"), what.replace(number, "0")].join("\n");
}

export function shownFinding({
  rule,
  severity,
  path,
  what,
  why,
  fix,
}: Finding): TopologyDiff["findings"]["new"][number] {
  return { rule, severity, path: formatPath(path), what, why, fix };
}
