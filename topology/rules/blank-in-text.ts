import { textsAskedFor } from "../../dql/index.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** Finds characters that nobody sees. */
export const blankInText: Rule = {
  id: "blank-in-text",
  severity: "warning",
  summary: "A text of a query begins or ends with a space, or has a line break, a tab or an invisible character in it.",
  why: "texts are compared character by character, so a document without the blank does not match, and the two look alike",
  source: "DQL: `=` holds for the same text; YAML: a folded text has its line breaks as spaces",
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
          what: `the text ${JSON.stringify(text)}, which ${field.join(".")} is compared with, has blanks that nobody sees`,
          fix: `write '${clean.replaceAll("'", "''")}'`,
        };
      }
    }
  },
};

/** Marks of direction, joiners, spaces without width. */
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060\ufeff]/gu;
