import { coverAll, type Expression, joinedBy, printExpression, verdictOf } from "../../dql/index.ts";
import { faultOf, hasFault } from "../flows/conditions.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule, Violation } from "./rule.ts";

/** A filter that filters nothing. */
export const alwaysTrue: Rule = {
  id: "always-true",
  severity: "warning",
  summary:
    "A query reads like a filter and lets everything through: `1 = 1`, `a = a`, `color != 'red' OR color != 'blue'`.",
  why: "the whole collection flows, which may be more than the receiver can hold, or more than it should see",
  source: "DQL: OR is true if either side is; a document that is red is not blue",
  ignorable: true,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      if (!parsed.ok || parsed.expression.kind === "literal") continue;
      const found = known.get(parsed.expression) ?? whatOf(parsed.expression) ?? "nothing";
      known.set(parsed.expression, found);
      if (found !== "nothing") yield { path, ...found };
    }
  },
};

type Found = Pick<Violation, "what" | "fix">;

/** A large topology says the same few queries over and over. */
const known = new WeakMap<Expression, Found | "nothing">();

function whatOf(expression: Expression): Found | undefined {
  if (hasFault(expression)) return undefined;
  if (verdictOf(expression) === "always")
    return {
      what: "is true for every document that has its fields",
      fix: 'write "true" if you want the whole collection',
    };
  for (const operands of joinedBy("OR", expression)) {
    const conditions = operands.filter((each) => faultOf(each) === undefined).slice(0, maxCompared);
    for (const [index, one] of conditions.entries()) {
      const other = conditions.slice(index + 1).find((each) => coverAll(one, each));
      if (!other) continue;
      return {
        what: `every document with the field matches ${printExpression(one)} or ${printExpression(other)}`,
        fix: `join the two with AND, or write "true" if you want the whole collection`,
      };
    }
  }
  return undefined;
}

/** Longer lists of conditions than people write are not compared pair by pair. */
const maxCompared = 50;
