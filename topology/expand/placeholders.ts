import { printName } from "../../dql/print.ts";
import type { SiteValue } from "./table.ts";

/** Whose values may be put into a text. */
export type Root = "site" | "cluster" | "peer" | "spoke" | "hub" | "from" | "to";

const placeholder = /\{(site|cluster|peer|spoke|hub|from|to)\.([A-Za-z_][\w.-]*)\}/g;

/** Whether a text has a placeholder of one of these roots; of any, by default. */
export function hasPlaceholder(text: string, roots?: readonly Root[]): boolean {
  if (!text.includes("{")) return false;
  const found = text.matchAll(placeholder);
  return roots ? [...found].some(([, root]) => roots.some((each) => each === root)) : !found.next().done;
}

/** The first placeholder of a root in a text: its name, `labels.store`. */
export function firstPlaceholder(text: string, root: Root): string | undefined {
  return [...text.matchAll(placeholder)].find(([, each]) => each === root)?.[2];
}

/** What a placeholder stands for: `value` is undefined where the place is empty. Undefined: there is no such thing. */
export type Lookup = (root: Root, name: string) => { readonly value: SiteValue } | undefined;

/** The language of the text into which a value is put. */
export type Language = "plain" | "dql" | "host";

export type Filled = { readonly value: SiteValue } | { readonly problem: FillProblem };

export interface FillProblem {
  readonly kind: "unknown" | "unsafe";
  readonly what: string;
  readonly fix: string;
}

/**
 * A text with the values of those roots that `lookup` is for. A text that is nothing but a placeholder becomes the value, of whatever
 * type. In DQL, a text is quoted, and what stands in quotes already is escaped. Placeholders of other roots stay as they are.
 */
export function fill(text: string, roots: readonly Root[], language: Language, lookup: Lookup): Filled {
  let problem: FillProblem | undefined;
  const matches = [...text.matchAll(placeholder)].flatMap((match) => {
    const [written, root, name = ""] = match;
    const known = roots.find((each) => each === root);
    return known ? [{ written, root: known, name, start: match.index }] : [];
  });
  const [only] = matches;
  let result = "";
  let from = 0;
  for (const { written, root, name, start } of matches) {
    const found = lookup(root, name);
    if (!found) {
      problem ??= { kind: "unknown", what: `nothing gives a value for ${written}`, fix: "" };
      continue;
    }
    const { value } = found;
    if (typeof value === "string" && hasPlaceholder(value))
      problem ??= { kind: "unsafe", what: `"${value}" contains a placeholder itself`, fix: "write the value itself" };
    if (only && matches.length === 1 && only.written === text && language !== "dql")
      return problem ? { problem } : { value };
    if (value === undefined) {
      problem ??= {
        kind: "unsafe",
        what: `the value of ${written} is empty, but it is a part of "${text}"`,
        fix: "give it a value",
      };
      continue;
    }
    const put =
      language === "dql"
        ? inQuery(text, start, start + written.length, value)
        : language === "host"
          ? inHost(value)
          : { text: String(value) };
    if ("text" in put) result += text.slice(from, start) + put.text;
    else problem ??= { kind: "unsafe", ...put };
    from = start + written.length;
  }
  return problem ? { problem } : { value: result + text.slice(from) };
}

type Put = { readonly text: string } | { readonly what: string; readonly fix: string };

function inHost(value: string | number | boolean): Put {
  if (/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i.test(String(value))) return { text: String(value) };
  return { what: `"${value}" cannot be a part of a host name`, fix: "use letters, digits, `-` and `.`" };
}

/** A value as DQL has it, by what stands around the placeholder. */
function inQuery(query: string, start: number, end: number, value: string | number | boolean): Put {
  const before = query.slice(0, start);
  const quote = openQuote(before);
  const text = String(value);
  if (quote === undefined) {
    if (/[\w.$:`"']$/.test(before) || /^[\w.`"']/.test(query.slice(end)))
      return {
        what: `the value "${text}" would become a part of a name or a number`,
        fix: "let the placeholder stand alone, as in `storeId = {spoke.labels.store}`, or within the quotes of a string",
      };
    return isPattern(before, text) ?? { text: typeof value === "string" ? `'${escaped(text)}'` : text };
  }
  if (quote.sign === "'") return isPattern(before.slice(0, quote.at), text) ?? { text: escaped(text) };
  // In the quotes of a name.
  return printName(text) === text
    ? { text }
    : { what: `"${text}" cannot be a part of a name`, fix: "use letters, digits and `_`" };
}

function escaped(text: string): string {
  return text.replaceAll("'", "''");
}

/** A value that LIKE would read as a pattern. DQL has no escape for its signs. */
function isPattern(before: string, value: string): Put | undefined {
  if (!/\bLIKE\s*$/i.test(before) || !/[%_]/.test(value)) return undefined;
  return {
    what: `LIKE treats \`%\` and \`_\` in "${value}" as wildcards`,
    fix: "use a value without them, or compare with `=`",
  };
}

/** The quote in which a text ends; a quote within is written twice, which closes it and opens it again. */
function openQuote(text: string): { sign: string; at: number } | undefined {
  let open: { sign: string; at: number } | undefined;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? "";
    if (open) {
      if (sign !== open.sign) continue;
      if (text[at + 1] === sign) at++;
      else open = undefined;
    } else if (sign === "'" || sign === '"' || sign === "`") open = { sign, at };
  }
  return open;
}
