import { conditionsOf, type Expression, operandsOf } from "../../dql/index.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** A value that nobody gives. */
export const queryParameter: Rule = {
  id: "query-parameter",
  severity: "error",
  summary: "A query has a parameter, as `color = :color` does.",
  why: "a replication has no place for the values of parameters, so the query cannot be run",
  source: "API: queriesByCollection is collection -> list of predicates, and nothing else",
  ignorable: false,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      for (const condition of parsed.ok ? conditionsOf(parsed.expression) : []) {
        const name = operandsOf(condition)
          .map(parameterIn)
          .find((each) => each !== undefined);
        if (name === undefined) continue;
        yield { path, what: `nobody gives :${name} a value`, fix: "write the value itself into the query" };
      }
    }
  },
};

function parameterIn(operand: Expression): string | undefined {
  if (operand.kind === "parameter") return operand.name;
  return operand.kind === "call" ? operand.arguments.map(parameterIn).find((each) => each !== undefined) : undefined;
}
