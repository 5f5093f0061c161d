import { comparisonsOf, predicatesOf } from "../predicates.ts";
import type { Rule } from "./rule.ts";

/** A text without its quotes. */
export const comparesFields: Rule = {
  id: "compares-fields",
  severity: "warning",
  summary: "A query compares two fields of a document, as `color = blue` does.",
  why: "no document has a field of that name, so nothing matches and nothing flows, without an error anywhere",
  source: "guide: texts are in quotes, `color = 'blue'`",
  ignorable: true,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      for (const { left, right } of parsed.ok ? comparisonsOf(parsed.expression) : []) {
        if (left.kind !== "field" || right.kind !== "field") continue;
        const [field, word] = [left.path.join("."), right.path.join(".")];
        yield {
          path,
          what: `compares the field ${field} with a field ${word}`,
          fix: `if ${word} is a text, write ${field} = '${word}'`,
        };
      }
    }
  },
};
