import { type AskedValue, askedByCollection } from "../flows/asked-values.ts";
import type { Rule, Violation } from "./rule.ts";

/** Two ways to write one word. */
export const caseDiffers: Rule = {
  id: "case-differs",
  severity: "warning",
  summary:
    "Two queries on one collection name fields, or ask for strings, that differ only in upper and lower case: `color = 'Blue'` and `color = 'blue'`.",
  why: "DQL treats the two as different, so the documents of one of them do not flow",
  source: "Ditto docs, DQL: names are case-sensitive; `=` compares strings character by character",
  ignorable: true,
  *check({ topology }) {
    for (const asked of askedByCollection(topology)) {
      yield* differing(asked, ({ field }) => ({ group: "", name: field, what: `the field ${field}` }));
      yield* differing(asked, ({ field, value }) =>
        typeof value === "string" ? { group: field, name: value, what: `${field} = '${value}'` } : undefined,
      );
    }
  },
};

interface Naming {
  /** Names of different groups have nothing to do with each other. */
  readonly group: string;
  readonly name: string;
  readonly what: string;
}

function* differing(
  asked: readonly AskedValue[],
  naming: (asked: AskedValue) => Naming | undefined,
): Iterable<Violation> {
  const named = asked.flatMap((each) => {
    const found = naming(each);
    return found ? [{ ...each, ...found, folded: `${found.group}\0${found.name.toLowerCase()}` }] : [];
  });
  const spellings = Map.groupBy(named, ({ folded }) => folded);
  const told = new Set<string>();
  for (const { folded, name, path, query, what } of named) {
    const first = spellings.get(folded)?.[0];
    if (!first || first.name === name || told.has(`${folded}\0${name}`)) continue;
    // A query that names both knows of both.
    const both = (text: string) => named.filter((each) => each.folded === folded && each.query === text).length > 1;
    if (both(query) || both(first.query)) continue;
    told.add(`${folded}\0${name}`);
    yield {
      path,
      what: `has ${what}, and another query has ${first.what}`,
      fix: `spell both the same way, or write "${first.name}" and "${name}" in one query with IN or OR if you mean both`,
    };
  }
}
