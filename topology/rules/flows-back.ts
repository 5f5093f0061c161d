import { isCoveredBy } from "../flows/predicates.ts";
import { ownProperty } from "../own-property.ts";
import type { PlannedReplication } from "../plan/plan.ts";
import type { Rule } from "./rule.ts";

/** Finds replications that are called one-way and are not. */
export const flowsBack: Rule = {
  id: "flows-back",
  severity: "warning",
  summary:
    "The source of a one-way replication subscribes to the same collection at its receiver, through another replication.",
  why: "documents flow back to the source, so what looks one-way in this file is not",
  source: "guide: in a one-way replication only the receiver subscribes",
  ignorable: true,
  *check({ plan }) {
    const linking = new Map<string, Set<PlannedReplication>>();
    for (const replication of plan.replications.values()) {
      for (const { initiator, target } of replication.links) {
        const key = pairKey(replication.app, initiator, target);
        const others = linking.get(key);
        if (others) others.add(replication);
        else linking.set(key, new Set([replication]));
      }
    }
    for (const oneWay of plan.replications.values()) {
      const [source, receiver] = oneWay.sides;
      if (oneWay.form !== "one-way" || !source || !receiver) continue;
      for (const other of linking.get(pairKey(oneWay.app, source.peer, receiver.peer)) ?? []) {
        if (other === oneWay) continue;
        const pulls = other.sides.find(({ peer }) => peer === source.peer)?.subscribes ?? {};
        const back = Object.entries(receiver.subscribes).filter(([collection, queries]) =>
          ownProperty(pulls, collection)?.some(
            (query) => isCoveredBy(query, queries) || queries.every((each) => isCoveredBy(each, [query])),
          ),
        );
        if (back.length === 0) continue;
        yield {
          path: ["replications", oneWay.name],
          part: "key",
          what: `"${source.peer}" pulls ${back.map(([collection]) => collection).join(", ")} back from "${receiver.peer}" through "${other.name}"`,
          fix: `narrow the queries of "${other.name}", or write one \`between\` instead of the two`,
        };
      }
    }
  },
};

/** One key for both orders of two peers. */
function pairKey(app: string, one: string, other: string): string {
  return [app, ...(one < other ? [one, other] : [other, one])].join("\n");
}
