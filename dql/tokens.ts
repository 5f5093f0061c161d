import { createToken, Lexer, type TokenType } from "chevrotain";

/** Keywords are case-insensitive, as in SQL; an identifier that only begins like one is an identifier. */
const Identifier = createToken({ name: "Identifier", pattern: /[A-Za-z_]\w*/ });
const QuotedIdentifier = createToken({ name: "QuotedIdentifier", pattern: /`(?:[^`]|``)+`/ });
/** A name, too, if a deprecated way to write one: texts are in single quotes alone (docs.ditto.live/dql/ids-paths-strings-keywords). */
const DoubleQuoted = createToken({ name: "DoubleQuoted", pattern: /"(?:[^"]|"")*"/ });

function keyword(word: string): TokenType {
  return createToken({ name: word, pattern: new RegExp(word, "i"), longer_alt: Identifier });
}

function symbol(name: string, text: string): TokenType {
  return createToken({ name, pattern: text });
}

const words = [
  "SELECT",
  "FROM",
  "WHERE",
  "ORDER",
  "BY",
  "ASC",
  "DESC",
  "LIMIT",
  "INSERT",
  "INTO",
  "DOCUMENTS",
  "ON",
  "ID",
  "CONFLICT",
  "DO",
  "FAIL",
  "NOTHING",
  "UPDATE",
  "SET",
  "DELETE",
  "EVICT",
  "COLLECTION",
  "AND",
  "OR",
  "NOT",
  "IN",
  "IS",
  "NULL",
  "MISSING",
  "LIKE",
  "BETWEEN",
  "TRUE",
  "FALSE",
] as const;
type Word = (typeof words)[number];

export const Keyword = Object.fromEntries(words.map((word) => [word, keyword(word)])) as Record<Word, TokenType>;

export const Token = {
  Identifier,
  QuotedIdentifier,
  DoubleQuoted,
  Parameter: createToken({ name: "Parameter", pattern: /:[A-Za-z_]\w*/ }),
  Text: createToken({ name: "Text", pattern: /'(?:[^']|'')*'/ }),
  Number: createToken({ name: "Number", pattern: /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/ }),
  Comparison: createToken({ name: "Comparison", pattern: /==|=|!=|<>|<=|>=|<|>/ }),
  Star: symbol("Star", "*"),
  Dot: symbol("Dot", "."),
  Comma: symbol("Comma", ","),
  Colon: symbol("Colon", ":"),
  LeftParenthesis: symbol("LeftParenthesis", "("),
  RightParenthesis: symbol("RightParenthesis", ")"),
  LeftBrace: symbol("LeftBrace", "{"),
  RightBrace: symbol("RightBrace", "}"),
  LeftBracket: symbol("LeftBracket", "["),
  RightBracket: symbol("RightBracket", "]"),
};

const Space = createToken({ name: "Space", pattern: /\s+/, group: Lexer.SKIPPED });

export const vocabulary: TokenType[] = [Space, ...Object.values(Keyword), ...Object.values(Token)];

export const lexer = new Lexer(vocabulary, {
  positionTracking: "onlyOffset",
  ensureOptimizations: false,
  skipValidations: true,
});
