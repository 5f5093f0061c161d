import { isCoveredBy } from "../predicates.ts";
import type { Rule } from "./rule.ts";

/** One collection, one direction, two subscriptions. */
export const pairCoveredTwice: Rule = {
  id: "pair-covered-twice",
  severity: "warning",
  summary: "Two replications of one app carry the same collection between the same two peers in the same direction.",
  why: "whoever narrows one of them sees no effect, since the other still carries the documents; and each holds a connection",
  source: "guide: a Big Peer subscribes to something if any of its replications does",
  ignorable: true,
  *check({ plan }) {
    const seen = new Map<string, { replication: string; predicates: readonly string[] }>();
    for (const { name, app, links, sides } of plan.replications.values()) {
      for (const { initiator, target } of links) {
        for (const [from, to] of [
          [initiator, target],
          [target, initiator],
        ] as const) {
          const pulls = sides.find(({ peer }) => peer === to)?.subscribes ?? {};
          for (const [collection, predicates] of Object.entries(pulls)) {
            const key = JSON.stringify([app, from, to, collection]);
            const other = seen.get(key);
            seen.set(key, other ?? { replication: name, predicates });
            if (!other || other.replication === name) continue;
            // Two replications with queries of their own may be meant; where one holds all of the other, one is idle.
            const idle =
              predicates.every((text) => isCoveredBy(text, other.predicates)) ||
              other.predicates.every((text) => isCoveredBy(text, predicates));
            if (!idle) continue;
            yield {
              path: ["replications", name],
              part: "key",
              what: `${collection} flows from "${from}" to "${to}" by "${other.replication}" (${other.predicates.join(" OR ")}) already`,
              fix: `take ${collection} out of one of the two`,
            };
          }
        }
      }
    }
  },
};
