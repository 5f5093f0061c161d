import { requoted } from "../../dql/index.ts";
import { doubleQuoted } from "../flows/double-quotes.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** A text in the quotes of names. */
export const doubleQuotedText: Rule = {
  id: "double-quoted-text",
  severity: "error",
  summary: 'A query has a string in double quotes, as `color = "blue"` does.',
  why: "DQL reads it as the name of a field, which no document has, so nothing matches and nothing flows, without an error anywhere",
  source:
    "Ditto docs, DQL: strings are in single quotes; double quotes may prevent a match, and nothing warns about it",
  ignorable: true,
  *check({ topology }) {
    for (const { path, text, parsed } of predicatesOf(topology)) {
      const { texts } = parsed.ok ? doubleQuoted(text, parsed.expression) : { texts: new Set<string>() };
      if (texts.size === 0) continue;
      const names = [...texts].map((name) => `"${name}"`).join(", ");
      yield {
        path,
        what: `compares with ${texts.size === 1 ? "a field" : "fields"} ${names}, since double quotes are for names`,
        fix: `write ${requoted(text, (name) => texts.has(name))}`,
      };
    }
  },
};
