import { predicatesOf } from "../predicates.ts";
import type { Rule } from "./rule.ts";

/** Two wishes for one field. */
export const contradictoryQuery: Rule = {
  id: "contradictory-query",
  severity: "warning",
  summary: "A query wants two different values of one field at once.",
  why: "no document matches it, so nothing flows, and the connection looks healthy",
  source: "DQL: AND holds if both sides hold; `IN (…)` and OR are for alternatives",
  ignorable: true,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      if (!parsed.ok || parsed.expression.kind !== "logical" || parsed.expression.operator !== "AND") continue;
      const wanted = new Map<string, string>();
      for (const operand of parsed.expression.operands) {
        if (operand.kind !== "comparison" || !["=", "=="].includes(operand.operator)) continue;
        if (operand.left.kind !== "field" || operand.right.kind !== "literal") continue;
        const field = operand.left.path.join(".");
        const value =
          typeof operand.right.value === "string" ? `'${operand.right.value}'` : String(operand.right.value);
        const other = wanted.get(field);
        wanted.set(field, value);
        if (other === undefined || other === value) continue;
        yield {
          path,
          what: `${field} cannot be ${other} and ${value} at once`,
          fix: `${field} IN (${other}, ${value})`,
        };
      }
    }
  },
};
