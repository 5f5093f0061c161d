import type { Rule } from "./rule.ts";

/** Any of them is enough. */
export const redundantQuery: Rule = {
  id: "redundant-query",
  severity: "warning",
  summary: 'A list of queries holds one twice, or "true" beside others.',
  why: "a document flows if any of them matches, so the others narrow nothing, against what a reader takes them for",
  source: "API: queriesByCollection holds a list of predicates per collection; any one subscribes",
  ignorable: true,
  *check({ topology }) {
    for (const [name, entry] of Object.entries(topology.replications)) {
      for (const key of ["queries", "up", "down"] as const) {
        for (const [collection, predicates] of Object.entries(entry[key] ?? {})) {
          const all = predicates.some((text) => text.trim().toLowerCase() === "true");
          for (const [index, text] of predicates.entries()) {
            const again = predicates.indexOf(text) < index;
            if (!again && (!all || text.trim().toLowerCase() === "true")) continue;
            yield {
              path: ["replications", name, key, collection, index],
              what: again ? "stands there twice" : `has no effect beside "true"`,
              fix: again ? "write it once" : 'take away "true", or this one; join conditions with AND',
            };
          }
        }
      }
    }
  },
};
