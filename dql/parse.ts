import type { Expression, Statement } from "./ast.ts";
import { DqlParser } from "./parser.ts";
import { lexer } from "./tokens.ts";

export interface ParseFailure {
  readonly ok: false;
  /** A sentence on what was expected and what was found. */
  readonly message: string;
  /** The position, in characters from 0. */
  readonly offset: number;
}

type ParsedPredicate = { readonly ok: true; readonly expression: Expression } | ParseFailure;

/** A topology of a thousand peers says the same few queries over and over, and several rules ask for each. */
const remembered = new Map<string, ParsedPredicate>();
const maxRemembered = 10_000;

/** Parses a predicate: what would follow WHERE. */
export function parsePredicate(text: string): ParsedPredicate {
  const before = remembered.get(text);
  if (before) return before;
  const parsed = parse(text, (parser) => parser.predicate());
  const predicate: ParsedPredicate = parsed.ok ? { ok: true, expression: parsed.node } : parsed;
  if (remembered.size >= maxRemembered) remembered.clear();
  remembered.set(text, predicate);
  return predicate;
}

/** Parses one statement. */
export function parseStatement(text: string): { readonly ok: true; readonly statement: Statement } | ParseFailure {
  const parsed = parse(text.replace(/;\s*$/, ""), (parser) => parser.statement());
  return parsed.ok ? { ok: true, statement: parsed.node } : parsed;
}

/** Deeper than any query that a person writes; the parser recurses. */
const maxDepth = 100;

let parser: DqlParser | undefined;

function parse<T>(
  text: string,
  rule: (parser: DqlParser) => T,
): { readonly ok: true; readonly node: T } | ParseFailure {
  const { tokens, errors } = lexer.tokenize(text);
  const [strange] = errors;
  if (strange)
    return {
      ok: false,
      message: `${text.charAt(strange.offset)} has no meaning here${unclosed(text.charAt(strange.offset))}`,
      offset: strange.offset,
    };
  const depth = deepest(text);
  if (depth > maxDepth) return { ok: false, message: `nested deeper than ${maxDepth} levels`, offset: 0 };
  parser ??= new DqlParser();
  parser.input = tokens;
  try {
    const node = rule(parser);
    const [error] = parser.errors;
    if (!error) return { ok: true, node };
    const { startOffset } = error.token;
    return { ok: false, message: shorten(error.message), offset: startOffset >= 0 ? startOffset : text.length };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error), offset: 0 };
  }
}

function unclosed(character: string): string {
  return ["'", '"', "`"].includes(character) ? ": a quote that is never closed" : "";
}

function deepest(text: string): number {
  let open = 0;
  let most = 0;
  for (const character of text) {
    if ("([{".includes(character)) most = Math.max(most, ++open);
    else if (")]}".includes(character)) open -= 1;
  }
  return Math.max(most, (text.match(/\bNOT\b/gi) ?? []).length);
}

function shorten(message: string): string {
  const found =
    /but found: '(.*)'/s.exec(message)?.[1] ??
    /found --> '(.*?)' <--/.exec(message)?.[1] ??
    /Redundant input, expecting EOF but found: (.*)/s.exec(message)?.[1];
  if (found === undefined) return message.split("\n")[0] ?? message;
  return found === "" ? "it ends too early" : `"${found}" cannot stand here`;
}
