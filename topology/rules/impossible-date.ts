import { type AskedText, textsAskedFor } from "../../dql/index.ts";
import { predicatesOf } from "../flows/predicates.ts";
import type { Rule } from "./rule.ts";

/** A day that no calendar has, or one that does not sort. */
export const impossibleDate: Rule = {
  id: "impossible-date",
  severity: "warning",
  summary:
    "A query has a date that does not exist, or that does not sort as a string: `'2026-02-30'`, `'2026-1-5'`, `'31.12.2025'`.",
  why: "dates are strings and are compared character by character, so the documents that flow are not those of the days you mean",
  source: "Ditto docs, timestamps: dates are ISO 8601 strings, which sort in chronological order",
  ignorable: true,
  *check({ topology }) {
    for (const { path, parsed } of predicatesOf(topology)) {
      for (const asked of parsed.ok ? textsAskedFor(parsed.expression) : []) {
        const found = asked.by === "LIKE" ? undefined : faultOf(asked);
        if (found) yield { path, ...found };
      }
    }
  },
};

const iso = "write it in the form of ISO 8601, such as '2026-01-31' or '2026-01-31T12:00:00Z'";

function faultOf({ path, text, by }: AskedText): { what: string; fix: string } | undefined {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2})(?::(\d{1,2}))?(?::(\d{1,2}))?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?)?$/.exec(
      text,
    );
  if (!match) {
    const local = /^\d{1,2}([./-])\d{1,2}\1\d{4}(?:[ T].*)?$/.test(text) || /^\d{4}([./])\d{1,2}\1\d{1,2}$/.test(text);
    const bySize = ["<", "<=", ">", ">="].includes(by);
    return local && bySize ? { what: `'${text}' does not sort in chronological order`, fix: iso } : undefined;
  }
  const [, year = "", month = "", day = "", hour, minute, second] = match;
  // The day before the first of the next month.
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const exists = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= days;
  // ISO 8601 has 24:00 and leap seconds.
  const inDay = Number(hour ?? 0) <= 24 && Number(minute ?? 0) <= 59 && Number(second ?? 0) <= 60;
  if (!exists || !inDay)
    return { what: `compares ${path.join(".")} with '${text}', a date that does not exist`, fix: iso };
  const padded = [month, day, hour, minute, second].every((part) => part === undefined || part.length === 2);
  return padded ? undefined : { what: `'${text}' does not sort in chronological order`, fix: iso };
}
