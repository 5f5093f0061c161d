import { isCoveredBy, maxCompared } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** One collection, one direction, two subscriptions. */
export const pairCoveredTwice: Rule = {
  id: "pair-covered-twice",
  severity: "warning",
  summary: "Two replications of one app carry the same collection between the same two peers in the same direction.",
  why: "narrowing one of them has no effect, since the other still carries the documents; and each keeps a connection open",
  source: "guide: a Big Peer subscribes to something if any of its replications does",
  ignorable: true,
  *check({ plan }) {
    const seen = new Map<string, { replication: string; predicates: readonly string[] }[]>();
    for (const { name, app, links, sides } of plan.replications.values()) {
      // Two that overlap between one pair mostly do in both directions, and between all of their pairs.
      const told = new Set<string>();
      for (const { initiator, target } of links) {
        for (const [from, to] of [
          [initiator, target],
          [target, initiator],
        ] as const) {
          const pulls = sides.find(({ peer }) => peer === to)?.subscribes ?? {};
          for (const [collection, predicates] of Object.entries(pulls)) {
            const key = `${app}\n${from}\n${to}\n${collection}`;
            const before = seen.get(key) ?? [];
            seen.set(key, before);
            // Two replications with queries of their own may be meant; where one holds all of the other, one is idle.
            const other = before.find(
              (each) =>
                each.replication !== name &&
                (predicates.every((text) => isCoveredBy(text, each.predicates)) ||
                  each.predicates.every((text) => isCoveredBy(text, predicates))),
            );
            if (before.length < maxCompared) before.push({ replication: name, predicates });
            if (!other) continue;
            const overlap = JSON.stringify([other.replication, collection]);
            if (told.has(overlap)) continue;
            told.add(overlap);
            yield {
              path: ["replications", name],
              part: "key",
              what: `${collection} already flows from "${from}" to "${to}" through "${other.replication}" (${other.predicates.join(" OR ")})`,
              fix: `remove ${collection} from one of the two`,
            };
          }
        }
      }
    }
  },
};
