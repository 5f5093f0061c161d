import type { Rule } from "./rule.ts";

/** The guide compares with one equals sign. */
export const doubleEquals: Rule = {
  id: "double-equals",
  severity: "warning",
  summary: "A query compares with `==`.",
  why: "the guide and the API description compare with `=`; whether every release reads `==` is stated nowhere",
  source: "guide: `color = 'blue'`",
  ignorable: true,
  *check({ topology }) {
    for (const [name, entry] of Object.entries(topology.replications)) {
      for (const key of ["queries", "up", "down"] as const) {
        for (const [collection, predicates] of Object.entries(entry[key] ?? {})) {
          for (const [index, predicate] of predicates.entries()) {
            if (!predicate.includes("==")) continue;
            const single = predicate.replace(/('[^']*'|"[^"]*")|={2,}/g, (_, quoted?: string) => quoted ?? "=");
            if (single === predicate) continue;
            yield {
              path: ["replications", name, key, collection, index],
              what: "compares with `==`",
              fix: `write "${single}"`,
            };
          }
        }
      }
    }
  },
};
