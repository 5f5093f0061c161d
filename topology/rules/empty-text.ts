import { textsAskedFor } from "../../dql/index.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** A value that somebody has forgotten, or a variable that was not set. */
export const emptyText: Rule = {
  id: "empty-text",
  severity: "warning",
  summary: "A query looks for documents whose field is the empty string, as `storeId = ''` does.",
  why: "documents with a value do not match, nor do those without the field, so usually nothing flows",
  source: "DQL: an empty string is a value, unlike NULL and MISSING",
  ignorable: true,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      for (const { path: field, text, by } of parsed.ok ? textsAskedFor(parsed.expression) : []) {
        if (text !== "" || !["=", "==", "IN", "LIKE"].includes(by)) continue;
        const name = field.join(".");
        yield {
          path,
          what: `wants ${name} to be empty`,
          fix: `write the value, or ${name} IS NULL OR ${name} IS MISSING if you mean documents without one`,
        };
      }
    }
  },
};
