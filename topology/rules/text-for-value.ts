import { valuesAskedFor } from "../../dql/index.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** A value of another type, in the quotes of a text. */
export const textForValue: Rule = {
  id: "text-for-value",
  severity: "warning",
  summary:
    "A query has true, false, NULL, or a number that is compared by size, in quotes, as `sold = 'true'` or `price > '100'`.",
  why: "a string never equals a boolean or a number, and strings are ordered character by character: '99' comes after '100'",
  source: "DQL: values of different types are not equal; strings are in quotes, other values are not",
  ignorable: true,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      for (const { path: field, value, by } of parsed.ok ? valuesAskedFor(parsed.expression) : []) {
        if (typeof value !== "string") continue;
        const word = value.trim().toLowerCase();
        const name = field.join(".");
        const negated = by === "!=" || by === "<>";
        if (["true", "false"].includes(word))
          yield {
            path,
            what: `compares ${name} with the string '${value}'`,
            fix: `write ${word} without quotes if it is a boolean`,
          };
        else if (["null", "none", "nil", "undefined"].includes(word) && by !== "LIKE" && word !== "none")
          yield {
            path,
            what: `compares ${name} with the string '${value}'`,
            fix: `write ${name} IS ${negated ? "NOT " : ""}NULL if you mean no value`,
          };
        else if (["<", "<=", ">", ">="].includes(by) && isSize(value))
          yield {
            path,
            what: `orders ${name} alphabetically, since '${value}' is a string`,
            fix: `write ${name} ${by} ${value.trim()} if it is a number`,
          };
      }
    }
  },
};

/** A number that sorts otherwise as a text. A year, and what is padded with zeros or as long as a time in seconds, sorts the same. */
function isSize(text: string): boolean {
  const number = text.trim();
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(number) && !/^(19|20)\d\d$/.test(number) && number.length < 10;
}
