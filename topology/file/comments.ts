import { CST, type Document, isNode, isPair, Lexer, type LineCounter, visit } from "yaml";

/** A comment in a topology file, and the lines that it refers to. */
export interface Comment {
  /** What follows the `#`. */
  readonly text: string;
  /** Characters from the start of the file to the `#`. */
  readonly offset: number;
  /**
   * First and last line, from 1: the comment's own line if it stands after something, else the whole entry below it.
   */
  readonly lines: { readonly first: number; readonly last: number };
}

/** The comments of a text, found by YAML's own lexer: a `#` in a string starts no comment. */
export function commentsOf(text: string, document: Document, lines: LineCounter): Comment[] {
  const found: { text: string; offset: number; alone: boolean }[] = [];
  let offset = 0;
  let alone = true;
  let scalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    const type = CST.tokenType(lexeme);
    if (type === "doc-mode" || type === "flow-error-end") continue;
    if (type === "scalar") {
      scalar = true;
      continue;
    }
    if (!scalar && type === "comment") found.push({ text: lexeme.slice(1), offset, alone });
    if (scalar) alone = lexeme.endsWith("\n");
    else if (type === "newline") alone = true;
    else if (type !== "space" && type !== "comment") alone = false;
    offset += lexeme.length;
    scalar = false;
  }
  const entries = entryEnds(document);
  let content: number | undefined;
  return found.map(({ text: words, offset: at, alone: isAlone }) => {
    const own = lines.linePos(at).line;
    // A comment that follows another also follows everything between the two.
    if (isAlone && (content === undefined || content < at)) content = nextContent(text, at);
    const next = isAlone ? content : undefined;
    if (next === undefined) return { text: words, offset: at, lines: { first: own, last: own } };
    const first = lines.linePos(next).line;
    const end = entries.get(next);
    return { text: words, offset: at, lines: { first, last: end === undefined ? first : lines.linePos(end).line } };
  });
}

/**
 * The position at which the entry begins on the next line that is neither blank nor a comment: after the dashes of a
 * list.
 */
function nextContent(text: string, from: number): number | undefined {
  const start = text.indexOf("\n", from);
  if (start < 0) return undefined;
  const blank = /(?:[ \t]*(?:#.*)?\r?\n)*[ \t]*(?:- +)*(?=\S)/y;
  blank.lastIndex = start + 1;
  return blank.test(text) ? blank.lastIndex : undefined;
}

/** The end of each entry of a mapping or a list, by its beginning. */
function entryEnds(document: Document): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  const note = (start: number | undefined, end: number | undefined) => {
    if (start !== undefined && end !== undefined) ends.set(start, Math.max(ends.get(start) ?? 0, end - 1));
  };
  visit(document, {
    Pair(_, { key, value }) {
      const start = isNode(key) ? key.range?.[0] : undefined;
      const behind = isNode(value) ? value.range?.[1] : undefined;
      note(start, behind);
    },
    Seq(_, { items }) {
      for (const item of items) if (!isPair(item) && isNode(item)) note(item.range?.[0], item.range?.[1]);
    },
  });
  return ends;
}
