import { printExpression } from "../../dql/index.ts";
import { conditionsWith, quotedFieldIn } from "../flows/conditions.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** A field's name that is a text. */
export const quotedField: Rule = {
  id: "quoted-field",
  severity: "error",
  summary: "A query has the name of a field in single quotes, as `'color' = 'blue'` does.",
  why: "it compares one text with another and looks at no field, so it matches nothing or everything, whatever a document contains",
  source: "Ditto docs, DQL: strings are in single quotes; names have no quotes, or backticks",
  ignorable: true,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      for (const condition of parsed.ok ? conditionsWith("quoted-field", parsed.expression) : []) {
        const field = quotedFieldIn(condition);
        yield {
          path,
          what: `${printExpression(condition)} compares only strings, not a field`,
          fix: `write ${printExpression(condition).replace(`'${field}'`, `${field}`)} if ${field} is a field`,
        };
      }
    }
  },
};
