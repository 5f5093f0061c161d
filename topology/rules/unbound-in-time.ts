import type { Rule } from "./rule.ts";

/** What is evicted comes back while something covers it. */
export const unboundInTime: Rule = {
  id: "unbound-in-time",
  severity: "warning",
  summary: "A peer evicts from a collection and subscribes to it without a bound in time.",
  why: "an evicted document comes back ('resurrects') as long as the peer subscribes to it, so nothing is ever freed",
  source: "guide: bound subscriptions by a temporal property",
  ignorable: true,
  *check({ plan }) {
    for (const { name, sides, form } of plan.replications.values()) {
      for (const { peer, subscribes } of sides) {
        const evicts = plan.peers.get(peer)?.settings.evicts ?? [];
        for (const [collection, predicates] of Object.entries(subscribes)) {
          if (!evicts.includes(collection) || predicates.every(hasRange)) continue;
          const key = form === "hub" ? [] : ["queries", collection];
          yield {
            path: ["replications", name, ...key],
            ...(key.length === 0 ? { part: "key" as const } : {}),
            what: `"${peer}" evicts from ${collection}, and this subscription has no bound in time`,
            fix: `add one, such as "${predicates[0] === "true" ? "" : `${predicates[0]} AND `}createdAt > '2026-01-01T00:00:00Z'", and move it forward before you evict`,
          };
        }
      }
    }
  },
};

/** A comparison by size, outside of quotes, is the least that a bound in time needs. */
function hasRange(predicate: string): boolean {
  return /[<>]|\bBETWEEN\b/i.test(predicate.replace(/'[^']*'|"[^"]*"/g, "").replaceAll("<>", ""));
}
