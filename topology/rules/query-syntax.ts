import type { ParseFailure } from "../../dql/index.ts";
import { placeholderInQuery } from "../flows/placeholders.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** A query that no Big Peer can read. */
export const querySyntax: Rule = {
  id: "query-syntax",
  severity: "error",
  summary: "A query is unbalanced, cut off, or a whole statement.",
  why: "the Big Peer refuses the replication, or subscribes to nothing, long after the change was reviewed",
  source: "API: queriesByCollection contains DQL predicates",
  ignorable: false,
  *check({ topology }) {
    for (const { path, text: predicate, parsed } of predicatesOf(topology)) {
      if (statement.test(predicate)) {
        const condition = conditionOf(predicate);
        const fix =
          condition === undefined
            ? 'write "true" for the whole collection'
            : `write what follows WHERE: "${condition}"`;
        yield { path, what: "is a statement, not a predicate", fix };
        continue;
      }
      if (parsed.ok || !isBroken(predicate, parsed)) continue;
      yield {
        path,
        what: `cannot be read at character ${parsed.offset + 1}: ${parsed.message}`,
        fix: parsed.message.includes("never closed")
          ? "close the quote; one inside a string is written twice, as in 'it''s'"
          : balanceOf(predicate) !== 0
            ? "write as many opening as closing parentheses, as in (a = 1 OR b = 2)"
            : "write the rest of it, as in color = 'blue' AND year > 2020",
      };
    }
  },
};

/** DQL has more than this project reads; what it does not know is passed on, and said so. */
export const queryNotJudged: Rule = {
  id: "query-not-judged",
  severity: "note",
  summary: "A query uses a part of DQL that this project does not read.",
  why: "this project cannot tell whether the Big Peer accepts it, and `verify` cannot make up a document that it matches",
  source: "guide, API: only comparisons joined by AND, OR and NOT are shown",
  ignorable: true,
  *check({ topology }) {
    for (const { path, text: predicate, parsed } of predicatesOf(topology)) {
      if (parsed.ok || isBroken(predicate, parsed) || statement.test(predicate)) continue;
      // A placeholder has a finding of its own.
      if (placeholderInQuery(predicate) !== undefined) continue;
      yield {
        path,
        what: `is not judged from character ${parsed.offset + 1} on: ${parsed.message}`,
        fix:
          writtenElsewhere[predicate.charAt(parsed.offset)] ??
          "try it on a Big Peer through the HTTP API, and give `probe:` a document that it matches",
      };
    }
  },
};

const straightQuotes = "write straight quotes, as in color = 'blue'";

/** The spellings of other languages and word processors, by their first character. */
const writtenElsewhere: Readonly<Record<string, string>> = {
  "&": "write AND",
  "|": "write OR",
  "!": "write NOT, or != between two values",
  "‘": straightQuotes,
  "’": straightQuotes,
  "“": straightQuotes,
  "”": straightQuotes,
  "„": straightQuotes,
};

const statement = /^\s*(select|insert|update|delete|evict|where)\b/i;

function isBroken(predicate: string, { offset, message }: ParseFailure): boolean {
  return offset >= predicate.trimEnd().length || message.includes("never closed") || balanceOf(predicate) !== 0;
}

/** Counts by how many the opened parentheses exceed the closed ones. */
function balanceOf(predicate: string): number {
  const bare = predicate.replace(/'[^']*'|"[^"]*"/g, "");
  return bare.split("(").length - bare.split(")").length;
}

/** The text after WHERE, up to the clauses that order or limit; a text in quotes may hold any of these words. */
function conditionOf(statement: string): string | undefined {
  const [, behind] = /\bwhere\s+(.*)/is.exec(statement) ?? [];
  const [, condition] =
    /^((?:'[^']*'|"[^"]*"|[^'"])*?)(?:;|\b(?:order\s+by|group\s+by|limit|offset)\b|$)/is.exec(behind ?? "") ?? [];
  return condition?.trim() || behind?.trim() || undefined;
}
