import { mixedOperators, printExpression } from "../../dql/index.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** Two operators, and no parentheses. */
export const andBeforeOr: Rule = {
  id: "and-before-or",
  severity: "warning",
  summary: "A query joins conditions with both AND and OR, or begins with NOT and joins with OR, without parentheses.",
  why: "AND binds before OR, and NOT before both: `a OR b AND c` lets every `a` through, whatever `c` says",
  source: "Ditto docs, DQL, operator precedence: NOT, then AND, then OR; when in doubt, use parentheses",
  ignorable: true,
  *check({ topology }) {
    for (const { path, text, parsed } of predicatesOf(topology)) {
      const mixed = parsed.ok && /\bOR\b/i.test(text) ? mixedOperators(text) : undefined;
      if (!parsed.ok || mixed === undefined) continue;
      yield {
        path,
        what: `mixes ${mixed} without parentheses`,
        fix: `write ${printExpression(parsed.expression)} if that is what you mean, or put the parentheses where they belong`,
      };
    }
  },
};
