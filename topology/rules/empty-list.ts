import { printExpression } from "../../dql/index.ts";
import { conditionsWith } from "../flows/conditions.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** A list that a template has left empty. */
export const emptyList: Rule = {
  id: "empty-list",
  severity: "error",
  summary: "A query looks for a field in an empty list, as `color IN ()` does.",
  why: "nothing is in an empty list and everything is outside it, so the query matches nothing, or the whole collection, or is refused",
  source: "DQL, like SQL: `IN (…)` is true if one of the values is equal",
  ignorable: false,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      for (const condition of parsed.ok ? conditionsWith("empty-list", parsed.expression) : []) {
        const negated = condition.kind === "in" && condition.negated;
        yield {
          path,
          what: `${printExpression(condition)} ${negated ? "leaves nothing out" : "matches no document"}`,
          fix: "write the values, as in color IN ('blue', 'red'), or leave the collection out",
        };
      }
    }
  },
};
