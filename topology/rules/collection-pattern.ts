import type { Rule } from "./rule.ts";

/** A collection's name is no pattern. */
export const collectionPattern: Rule = {
  id: "collection-pattern",
  severity: "warning",
  summary: "A query is on a collection whose name reads like a pattern, such as `*`.",
  why: "it subscribes to a collection with exactly that name, which nobody writes to, so nothing flows and nothing reports it",
  source: "API: queriesByCollection expects the name of a collection; no pattern is documented",
  ignorable: true,
  *check({ topology }) {
    for (const [name, { app, queries, up, down }] of Object.entries(topology.replications)) {
      for (const [key, map] of Object.entries({ queries, up, down })) {
        for (const collection of Object.keys(map ?? {})) {
          // One that the app declares is called so.
          if (!/[*%?]/.test(collection) || topology.apps[app]?.collections?.includes(collection)) continue;
          yield {
            path: ["replications", name, key, collection],
            part: "key",
            what: `"${collection}" is the name of one collection, not a pattern for several`,
            fix: `name each collection: \`${key}: { cars: "true", drivers: "true" }\``,
          };
        }
      }
    }
  },
};
