import { textsAskedFor } from "../../dql/index.ts";
import { placeholderIn } from "../flows/placeholders.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** A pattern that is compared as it stands. */
export const wildcardWithoutLike: Rule = {
  id: "wildcard-without-like",
  severity: "warning",
  summary: "A query compares with a pattern using `=`, `!=` or `IN`, as `name = 'blue%'` does.",
  why: "only LIKE understands patterns: no document has a string with a wildcard in it, so nothing flows",
  source: "DQL, like SQL: `%` and `_` are wildcards only in LIKE, `*` nowhere",
  ignorable: true,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      for (const { path: field, text, by } of parsed.ok ? textsAskedFor(parsed.expression) : []) {
        if (!["=", "==", "!=", "<>", "IN"].includes(by) || !isPattern(text)) continue;
        if (placeholderIn(text) !== undefined) continue;
        const name = field.join(".");
        const negated = by === "!=" || by === "<>";
        const like = `${name} ${negated ? "NOT " : ""}LIKE '${text.replaceAll("*", "%").replaceAll("'", "''")}'`;
        yield {
          path,
          what: `compares ${name} with '${text}' literally`,
          fix:
            text === "*"
              ? `write ${name} IS ${negated ? "" : "NOT "}MISSING, or "true" for the whole collection`
              : by === "IN"
                ? `remove it from the list, and join ${like} with OR`
                : `write ${like}`,
        };
      }
    }
  },
};

/** One wildcard at an end. `50%` is a number with its unit, and a text with spaces in it is prose. */
function isPattern(text: string): boolean {
  return text === "*" || (/^[%*]?[^%*]+[%*]?$/.test(text) && /^[%*]|[%*]$/.test(text) && !/^[\d.,\s]+%$/.test(text));
}
