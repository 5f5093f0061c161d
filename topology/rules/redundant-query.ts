import { isCoveredBy, maxCompared } from "../flows/predicates.ts";
import { queriesOf } from "../flows/written-queries.ts";
import { ownProperty } from "../own-property.ts";
import type { Rule } from "./rule.ts";

/** Any of them is enough. */
export const redundantQuery: Rule = {
  id: "redundant-query",
  severity: "warning",
  summary: 'A list of queries contains one twice, or one that another, such as "true", already covers.',
  why: "a document flows if any of them matches, so the others narrow nothing, contrary to what a reader expects",
  source: "API: queriesByCollection contains a list of predicates per collection; each of them subscribes",
  ignorable: true,
  *check({ topology }) {
    for (const [name, entry] of Object.entries(topology.replications)) {
      for (const { path, collection, texts } of queriesOf(entry)) {
        // What every spoke pulls is pulled by each.
        const every = path[0] === "perSpoke" ? (ownProperty(entry.down, collection) ?? []) : [];
        const predicates = [...every, ...texts];
        for (const [index, text] of predicates.entries()) {
          if (index < every.length || (predicates.length > maxCompared && predicates.indexOf(text) === index)) continue;
          // If two queries say the same, the second one is reported.
          const wider = predicates.find(
            (other, at) => at !== index && isCoveredBy(text, [other]) && (at < index || !isCoveredBy(other, [text])),
          );
          if (wider === undefined) continue;
          yield {
            path: ["replications", name, ...path, index - every.length],
            what: wider === text ? "is listed twice" : `has no effect beside "${wider}"`,
            fix: wider === text ? "write it once" : "remove one of the two; join conditions with AND",
          };
        }
      }
    }
  },
};
