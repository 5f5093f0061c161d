import { isBoundInTime, timeBound } from "../flows/time-bound.ts";
import { pathOfQueries } from "../flows/written-queries.ts";
import type { Rule } from "./rule.ts";

/** Finds queries that bring evicted documents back: they return as long as a query covers them. */
export const unboundInTime: Rule = {
  id: "unbound-in-time",
  severity: "warning",
  summary: "A peer evicts from a collection and subscribes to it without a time bound.",
  why: "an evicted document comes back ('resurrects') as long as the peer subscribes to it, so nothing is ever freed",
  source: "guide: bound subscriptions by a temporal property",
  ignorable: true,
  *check({ topology, plan }) {
    for (const { name, sides, form } of plan.replications.values()) {
      for (const { peer, subscribes } of sides) {
        const evicts = plan.peers.get(peer)?.settings.evicts ?? [];
        for (const [collection, predicates] of Object.entries(subscribes)) {
          const unbound = evicts.includes(collection) && predicates.find((each) => !isBoundInTime(each));
          if (!unbound) continue;
          const own = topology.replications[name]?.perSpoke;
          const at = pathOfQueries({ form, hub: sides[0]?.peer }, own, peer, collection);
          const bound = timeBound(collection, unbound).subscription.replace(":cutoff", "'2026-01-01T00:00:00Z'");
          yield {
            path: ["replications", name, ...at],
            what: `"${peer}" evicts from ${collection}, and this subscription has no time bound`,
            fix: `add one, such as "${bound}", and move it forward before you evict (\`bigpeer evict --peer ${peer}\`)`,
          };
        }
      }
    }
  },
};
