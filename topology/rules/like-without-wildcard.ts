import { conditionsOf, printExpression } from "../../dql/index.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** A pattern that is none. */
export const likeWithoutWildcard: Rule = {
  id: "like-without-wildcard",
  severity: "warning",
  summary: "A query has a LIKE whose pattern has neither `%` nor `_`, as `name LIKE 'blue'` or `name LIKE 'blue*'`.",
  why: "it matches only documents with exactly that string, so those that contain it or begin with it do not flow",
  source: "DQL, like SQL: `%` stands for any string and `_` for any one character; `*` and `?` are literal",
  ignorable: true,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      for (const condition of parsed.ok ? conditionsOf(parsed.expression) : []) {
        if (condition.kind !== "like" || condition.pattern.kind !== "literal") continue;
        const { value } = condition.pattern;
        if (typeof value !== "string" || /[%_]/.test(value)) continue;
        const meant = /[*?]/.test(value) ? value.replaceAll("*", "%").replaceAll("?", "_") : `%${value}%`;
        const like = printExpression({ ...condition, pattern: { kind: "literal", value: meant } });
        const equal = printExpression({
          kind: "comparison",
          operator: condition.negated ? "!=" : "=",
          left: condition.left,
          right: condition.pattern,
        });
        yield { path, what: `the pattern '${value}' has no % and no _`, fix: `write ${like}, or ${equal}` };
      }
    }
  },
};
