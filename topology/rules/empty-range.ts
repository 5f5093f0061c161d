import { printExpression } from "../../dql/index.ts";
import { contradictionsIn } from "../flows/conditions.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** Bounds that are turned round. */
export const emptyRange: Rule = {
  id: "empty-range",
  severity: "error",
  summary: "A query has a lower bound above its upper bound, as `year BETWEEN 2024 AND 2020` does.",
  why: "nothing lies between the two, so nothing flows, and the connection looks healthy",
  source: "DQL, like SQL: `a BETWEEN x AND y` is `a >= x AND a <= y`, so the lower bound comes first",
  ignorable: true,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      for (const { bounds } of parsed.ok ? contradictionsIn(parsed.expression) : []) {
        if (!bounds) continue;
        const { lower, upper } = bounds;
        const field = printExpression({ kind: "field", path: lower.path });
        const [low, high] = [printExpression(lower.value), printExpression(upper.value)];
        yield {
          path,
          what: `no ${field} is ${lower.operator} ${low} and ${upper.operator} ${high}`,
          fix:
            low === high
              ? `write ${field} = ${low}, or >= and <= for a range that includes its bounds`
              : `write ${field} BETWEEN ${high} AND ${low}, or join the two with OR if you mean values outside the range`,
        };
      }
    }
  },
};
