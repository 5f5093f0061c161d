import { isCoveredBy } from "../predicates.ts";
import type { Rule } from "./rule.ts";

/** What is called one-way should be one-way. */
export const flowsBack: Rule = {
  id: "flows-back",
  severity: "warning",
  summary:
    "The source of a one-way replication subscribes to the same collection at its receiver, by another replication.",
  why: "documents flow back to the source after all, so what looks one-way in this file is not",
  source: "guide: in a one-way replication only the receiver subscribes",
  ignorable: true,
  *check({ plan }) {
    const replications = [...plan.replications.values()];
    for (const oneWay of replications.filter(({ form }) => form === "one-way")) {
      const [source, receiver] = oneWay.sides;
      if (!source || !receiver) continue;
      for (const other of replications) {
        if (other === oneWay || other.app !== oneWay.app) continue;
        const linked = other.links.some(
          (link) => [link.initiator, link.target].sort().join() === [source.peer, receiver.peer].sort().join(),
        );
        const pulls = other.sides.find(({ peer }) => peer === source.peer)?.subscribes ?? {};
        const back = Object.entries(receiver.subscribes).filter(([collection, queries]) =>
          pulls[collection]?.some(
            (query) => isCoveredBy(query, queries) || queries.every((each) => isCoveredBy(each, [query])),
          ),
        );
        if (!linked || back.length === 0) continue;
        yield {
          path: ["replications", oneWay.name],
          part: "key",
          what: `"${source.peer}" pulls ${back.map(([collection]) => collection).join(", ")} back from "${receiver.peer}" by "${other.name}"`,
          fix: `narrow the queries of "${other.name}", or write one \`between\` instead of the two`,
        };
      }
    }
  },
};
