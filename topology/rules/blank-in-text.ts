import { textsAskedFor } from "../../dql/index.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** Finds characters that nobody sees. */
export const blankInText: Rule = {
  id: "blank-in-text",
  severity: "warning",
  summary:
    "A string in a query begins or ends with a space, or contains a line break, a tab or an invisible character.",
  why: "strings are compared character by character, so a document without that character does not match, and the two look alike",
  source: "DQL: `=` is true only for the same string; YAML: a folded string turns its line breaks into spaces",
  ignorable: true,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      for (const { path: field, text, by } of parsed.ok ? textsAskedFor(parsed.expression) : []) {
        const clean = text
          .replace(invisible, "")
          .replace(/[\s\u00a0]+/gu, " ")
          .trim();
        const atEnds = by === "LIKE" ? false : text.trim() !== text;
        if (text === "" || (!atEnds && !new RegExp(invisible).test(text) && !/[\r\n\t\u00a0]/u.test(text))) continue;
        yield {
          path,
          what: `compares ${field.join(".")} with the string ${JSON.stringify(text)}, which has a character that is easy to overlook`,
          fix: `write '${clean.replaceAll("'", "''")}'`,
        };
      }
    }
  },
};

/** Marks of direction, joiners, spaces without width. */
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060\ufeff]/gu;
