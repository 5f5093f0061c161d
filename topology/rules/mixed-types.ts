import { askedByCollection } from "../flows/asked-values.ts";
import type { Rule } from "./rule.ts";

/** A field that is a number here and a text there. */
export const mixedTypes: Rule = {
  id: "mixed-types",
  severity: "warning",
  summary:
    "Two queries on one collection compare a field with values of different types, as `year = 2024` and `year = '2024'` do.",
  why: "a number never equals a string, so one of the two matches nothing, and nothing flows through it",
  source: "DQL: values of different types are not equal",
  ignorable: true,
  *check({ topology }) {
    for (const asked of askedByCollection(topology)) {
      const first = new Map<string, { type: string; query: string }>();
      const told = new Set<string>();
      for (const { path, query, field, value } of asked) {
        if (value === null) continue;
        const other = first.get(field);
        if (!other) first.set(field, { type: typeof value, query });
        // Within one query both may be meant, for documents of an older kind.
        if (!other || other.type === typeof value || other.query === query || told.has(`${field} ${query}`)) continue;
        told.add(`${field} ${query}`);
        yield {
          path,
          what: `compares ${field} with a ${nameOf(typeof value)}, and "${other.query}" compares it with a ${nameOf(other.type)}`,
          fix: `write ${field} in both as the documents have it; a string is in quotes, a number is not`,
        };
      }
    }
  },
};

function nameOf(type: string): string {
  return type;
}
