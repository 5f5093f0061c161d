import type { Rule } from "./rule.ts";

/** A mesh of whole collections is one copy on each peer. */
export const everythingEverywhere: Rule = {
  id: "everything-everywhere",
  severity: "warning",
  summary: 'A mesh subscribes to a whole collection with "true".',
  why: "every peer stores every document of it, so the smallest peer limits them all, and each write travels to every peer",
  source: 'API: "true" is the whole collection',
  ignorable: true,
  *check({ topology }) {
    for (const [name, { mesh, queries }] of Object.entries(topology.replications)) {
      if (!mesh) continue;
      for (const [collection, predicates] of Object.entries(queries ?? {})) {
        const index = predicates.findIndex((predicate) => predicate.trim().toLowerCase() === "true");
        if (index < 0) continue;
        yield {
          path: ["replications", name, "queries", collection],
          what: `all ${mesh.length} peers hold all of ${collection}`,
          fix: "narrow it, for example by region or time, or state that it is intended: # bigpeer-ignore everything-everywhere: <reason>",
        };
      }
    }
  },
};
