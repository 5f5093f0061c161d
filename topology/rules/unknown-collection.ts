import { nearest, suggestion } from "../findings/suggest.ts";
import { queriesOf } from "../flows/written-queries.ts";
import { valueAt } from "../value-at.ts";
import type { Rule } from "./rule.ts";

/** A misspelt collection is a subscription to nothing. */
export const unknownCollection: Rule = {
  id: "unknown-collection",
  severity: "error",
  summary: "A query, or a peer's `evicts`, is on a collection that its app does not declare.",
  why: "nobody writes to that collection, so the subscription never receives anything, and nothing reports it",
  source: "guide: queries are listed by collection name; nothing checks the name",
  ignorable: false,
  *check({ topology }) {
    for (const [name, { evicts }] of Object.entries(topology.peers)) {
      const served = Object.values(topology.apps).filter(({ peers }) => peers.includes(name));
      const declared = served.flatMap(({ collections }) => collections ?? []);
      if (served.length === 0 || served.some(({ collections }) => !collections)) continue;
      for (const [index, collection] of (evicts ?? []).entries()) {
        if (declared.includes(collection)) continue;
        yield {
          path: ["peers", name, "evicts", index],
          what: `no app on "${name}" declares a collection "${collection}"`,
          fix: suggestion(
            collection,
            declared.filter((each) => !evicts?.includes(each)),
            "collection",
          ),
        };
      }
    }
    for (const [name, entry] of Object.entries(topology.replications)) {
      const declared = topology.apps[entry.app]?.collections;
      if (!declared) continue;
      const written = [...queriesOf(entry)].filter(({ collection }) => !declared.includes(collection));
      for (const { path, collection } of written) {
        const queried = Object.keys(Object(valueAt(entry, path.slice(0, -1))));
        // What has a query there already cannot have another.
        const near = nearest(
          collection,
          declared.filter((each) => !queried.includes(each)),
        );
        yield {
          path: ["replications", name, ...path],
          part: "key",
          what: `the app "${entry.app}" declares no collection "${collection}"`,
          fix:
            near === undefined
              ? `add it to apps.${entry.app}.collections, which has: ${declared.join(", ")}`
              : `did you mean "${near}"?`,
        };
      }
    }
  },
};
