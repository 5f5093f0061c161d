import { printExpression } from "../../dql/index.ts";
import { conditionsWith } from "../flows/conditions.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule, Violation } from "./rule.ts";

/** Nothing equals NULL, and nothing differs from it. */
export const comparesWithNull: Rule = {
  id: "compares-with-null",
  severity: "error",
  summary: "A query compares with NULL, as `color = NULL`, `color <> NULL` and `color NOT IN ('red', NULL)` do.",
  why: "a comparison with NULL is neither true nor false, so it matches no document, and what was meant to flow does not",
  source: "DQL, like SQL: `IS NULL`, `IS NOT NULL`, `IS MISSING` and `IS NOT MISSING` test for it",
  ignorable: true,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      for (const condition of parsed.ok ? conditionsWith("with-null", parsed.expression) : []) {
        const what =
          condition.kind === "in" && !condition.negated && condition.values.length > 1
            ? `the NULL in ${printExpression(condition)} matches no document`
            : `${printExpression(condition)} matches no document`;
        yield { path, what, fix: fixOf(condition) };
      }
    }
  },
};

function fixOf(condition: Parameters<typeof printExpression>[0]): Violation["fix"] {
  if (condition.kind === "comparison") {
    const field = condition.left.kind === "literal" ? condition.right : condition.left;
    const equal = condition.operator === "=" || condition.operator === "==";
    return equal
      ? `write ${printExpression(field)} IS NULL, or IS MISSING for documents that lack the field`
      : `write ${printExpression(field)} IS NOT NULL`;
  }
  if (condition.kind === "in") {
    const field = printExpression(condition.left);
    return condition.negated
      ? `remove NULL from the list; documents without a value need ${field} IS NULL OR ${field} IS MISSING`
      : `remove NULL from the list, and add OR ${field} IS NULL if you mean those documents too`;
  }
  return "write IS NULL or IS NOT NULL";
}
