import { type Expression, printExpression } from "../../dql/index.ts";
import { contradictionsIn } from "../flows/conditions.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule, Violation } from "./rule.ts";

/** Two wishes that no document fulfils. */
export const contradictoryQuery: Rule = {
  id: "contradictory-query",
  severity: "error",
  summary: "A query demands two things of one field that cannot both be true, such as two different values.",
  why: "no document matches it, so nothing flows, and the connection looks healthy",
  source: "DQL: AND is true if both sides are; `IN (…)` and OR are for alternatives",
  ignorable: true,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      for (const { one, other, bounds } of parsed.ok ? contradictionsIn(parsed.expression) : []) {
        if (!bounds) yield { path, ...violation(one, other) };
      }
    }
  },
};

function violation(one: Expression, other: Expression): Pick<Violation, "what" | "fix"> {
  const [a, b] = [wantedBy(one), wantedBy(other)];
  if (a && b && a.field === b.field)
    return {
      what: `${a.field} cannot be ${a.value} and ${b.value} at once`,
      fix: `${a.field} IN (${a.value}, ${b.value})`,
    };
  return {
    what: `"${printExpression(one)}" and "${printExpression(other)}" cannot hold at once`,
    fix: "join them with OR if either is enough, or remove one of them",
  };
}

function wantedBy(condition: Expression): { field: string; value: string } | undefined {
  if (condition.kind !== "comparison" || !["=", "=="].includes(condition.operator)) return undefined;
  const { left, right } = condition;
  if (left.kind !== "field" || right.kind !== "literal") return undefined;
  return { field: printExpression(left), value: printExpression(right) };
}
