import { comparisonsOf, predicatesOf } from "../predicates.ts";
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
      for (const { left, right } of parsed.ok ? comparisonsOf(parsed.expression) : []) {
        const parameter = [left, right].find(({ kind }) => kind === "parameter");
        if (parameter?.kind !== "parameter") continue;
        yield { path, what: `nobody gives :${parameter.name} a value`, fix: "write the value itself into the query" };
      }
    }
  },
};
