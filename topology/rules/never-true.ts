import { type Expression, printExpression } from "../../dql/index.ts";
import { conditionsWith } from "../flows/conditions.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** A condition that no document can meet. */
export const neverTrue: Rule = {
  id: "never-true",
  severity: "error",
  summary:
    "A condition of a query is false whatever a document contains: `1 = 2`, `year < year`, `false`, or a string alone.",
  why: "no document matches it, so nothing flows through it, and the connection looks healthy",
  source: "DQL: a document matches where the predicate is true",
  ignorable: true,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      for (const condition of parsed.ok ? conditionsWith("never-true", parsed.expression) : []) {
        yield { path, what: `${printExpression(condition)} is never true`, fix: fixOf(condition) };
      }
    }
  },
};

function fixOf(condition: Expression): string {
  if (condition.kind === "literal" && String(condition.value).trim().toLowerCase() === "true")
    return "write true, without quotes around it";
  if (condition.kind === "literal" && condition.value === false)
    return "leave the collection out if none of it should flow";
  return "compare a field with a value, as in color = 'blue'";
}
