import { conditionsOf, type Expression, operandsOf, samePath } from "../../dql/index.ts";
import { doubleQuoted } from "../flows/double-quotes.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** A text without its quotes. */
export const comparesFields: Rule = {
  id: "compares-fields",
  severity: "warning",
  summary: "A query compares two fields of a document, as `color = blue` does.",
  why: "no document has a field of that name, so nothing matches and nothing flows, without an error anywhere",
  source: "guide: strings are in quotes, `color = 'blue'`",
  ignorable: true,
  *check({ topology }) {
    for (const { path, text, parsed } of predicatesOf(topology)) {
      if (!parsed.ok) continue;
      const { texts } = doubleQuoted(text, parsed.expression);
      for (const condition of conditionsOf(parsed.expression)) {
        const [left, ...others] = operandsOf(condition);
        if (left?.kind !== "field") continue;
        for (const right of others) {
          if (right.kind !== "field" || samePath(left.path, right.path)) continue;
          const [field, word] = [left.path.join("."), right.path.join(".")];
          // A text in double quotes has a finding of its own.
          if (texts.has(word) || texts.has(field)) continue;
          yield {
            path,
            what: `compares the field ${field} with a field ${word}`,
            fix: `if ${word} is a string, write ${fixed(condition, field, word)}`,
          };
        }
      }
    }
  },
};

function fixed(condition: Expression, field: string, word: string): string {
  if (condition.kind === "in") return `it in quotes: '${word}'`;
  return condition.kind === "like" ? `${field} LIKE '${word}'` : `${field} = '${word}'`;
}
