import { count, names } from "../../report/words.ts";
import { type FlowFamily, flowFamilies, valuesOf } from "./families.ts";
import { bySamples, detours, type FlowGroup, flowGroups } from "./flow-items.ts";
import type { TopologyDiff } from "./schema.ts";

/** Longer queries are in the folded part. */
const maxQuery = 160;

/** What ends is read first. */
const order: readonly FlowGroup["effect"][] = ["stops", "narrows", "turns", "starts", "widens", "rewrites"];

/** Which documents flow elsewhere, one sentence for all peers that have it in common. */
export function flowSentences({ flows, arrivals, arrivalsComplete }: TopologyDiff): string[] {
  const rank = ({ effect }: { effect: FlowGroup["effect"] }) => order.indexOf(effect);
  const direct = flowFamilies(flowGroups(flows))
    .sort((a, b) => rank(a) - rank(b))
    .map(flowSentence);
  const indirect = [...arrivals]
    .sort((a, b) => rank(a) - rank(b))
    .map(({ effect, collection, app, query, sample, from, to }) => {
      const one = sample === undefined || sample === "{}" ? `of ${short(query)}` : `such as ${short(sample)}`;
      const which = effect === "widens" || effect === "narrows" ? `documents ${one}` : `all documents ${one}`;
      const comes = effect === "starts" || effect === "widens" ? "now also reach" : "no longer reach";
      return `Via other peers, ${collection} (app ${app}) of ${names(from)} ${comes} ${names(to)}: ${which}.`;
    });
  const note = "There are too many connections to follow every document via other peers.";
  return [...direct, ...indirect, ...(arrivalsComplete ? [] : [note])];
}

function flowSentence({ shownOf, ...flow }: FlowFamily): string {
  const { effect, collection, app, before, after, from, to, sampled, overOthers } = flow;
  const plural = to.length > 1;
  const what = `${collection} (app ${app}) from ${names(from)}`;
  const added = after.filter((query) => !before.includes(query));
  const removed = before.filter((query) => !after.includes(query));
  const change = [
    removed.length > 0 ? `no longer ${short(removed.join(" OR "))}` : "",
    added.length > 0 ? `now ${short(added.join(" OR "))}` : "",
  ].filter((part) => part !== "");
  const queries = change.length === 0 ? "" : `: ${change.join(", ")}`;
  const detour =
    overOthers === undefined || effect === "turns" || effect === "rewrites" ? "" : detours[effect][overOthers];
  const end = `${valuesOf(shownOf)}${sampled ? bySamples : ""}${detour}.`;
  const receive = plural ? "receive" : "receives";
  const who = names(to);
  switch (effect) {
    case "starts":
      return `${who} now ${receive} ${what}: ${short(after.join(" OR "))}${end}`;
    case "stops":
      return `${who} no longer ${receive} ${what}: ${short(before.join(" OR "))}${end}`;
    case "widens":
      return `${who} ${receive} more of ${what}${queries}${end}`;
    case "narrows":
      return `${who} ${receive} less of ${what}${queries}${end}`;
    case "turns":
      return `${who} ${receive} other documents of ${what}${queries}${end}`;
    case "rewrites":
      return `${who} ${receive} the same documents of ${what} through other queries${end}`;
  }
}

/** New findings, errors first, those of one rule together. */
export function findingSentences({ findings }: Pick<TopologyDiff, "findings">): string[] {
  const severities = ["error", "warning", "note"];
  const byRule = Map.groupBy(findings.new, ({ rule, severity }) => `${severities.indexOf(severity)} ${rule}`);
  return [...byRule]
    .sort(([a], [b]) => Number(a[0]) - Number(b[0]))
    .flatMap(([, group]) =>
      group.slice(0, 1).map(({ severity, rule, path, what }) => {
        const more = group.length === 1 ? "" : `; and ${count(group.length - 1, "other place")}`;
        return `${severity} [${rule}] ${path === "" ? "" : `${path}: `}${what}${more}`;
      }),
    );
}

function short(query: string): string {
  return query.length <= maxQuery ? query : `${query.slice(0, maxQuery)}…`;
}
