import { queriesOf } from "../flows/written-queries.ts";
import type { Rule } from "./rule.ts";

/** The guide compares with one equals sign. */
export const doubleEquals: Rule = {
  id: "double-equals",
  severity: "warning",
  summary: "A query compares with `==`.",
  why: "the guide and the API description compare with `=`; whether every release reads `==` is not stated anywhere",
  source: "guide: `color = 'blue'`",
  ignorable: true,
  *check({ topology }) {
    for (const [name, entry] of Object.entries(topology.replications)) {
      for (const { path, texts } of queriesOf(entry)) {
        for (const [index, predicate] of texts.entries()) {
          if (!predicate.includes("==")) continue;
          const single = predicate.replace(/('[^']*'|"[^"]*")|={2,}/g, (_, quoted?: string) => quoted ?? "=");
          if (single === predicate) continue;
          yield {
            path: ["replications", name, ...path, index],
            what: "compares with `==`",
            fix: `write "${single}"`,
          };
        }
      }
    }
  },
};
