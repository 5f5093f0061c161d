import { requoted } from "../../dql/index.ts";
import { doubleQuoted } from "../flows/double-quotes.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** The quotes of PostgreSQL. */
export const doubleQuotedField: Rule = {
  id: "double-quoted-field",
  severity: "warning",
  summary: "A query has the name of a field in double quotes, as `\"color\" = 'blue'` does.",
  why: "DQL has deprecated double quotes for names; in a release that reads them as a string, the query matches nothing",
  source: "Ditto docs, DQL: names are quoted with backticks, double quotes are deprecated",
  ignorable: true,
  *check({ topology }) {
    for (const { path, text, parsed } of predicatesOf(topology)) {
      const { texts, fields } = parsed.ok ? doubleQuoted(text, parsed.expression) : { texts: fields0, fields: fields0 };
      if (fields.size === 0) continue;
      yield {
        path,
        what: `has ${[...fields].map((name) => `"${name}"`).join(", ")} in double quotes`,
        fix: `write ${requoted(text, (name) => texts.has(name))}`,
      };
    }
  },
};

const fields0: ReadonlySet<string> = new Set();
