import { printName } from "./print.ts";
import { lexer, Token } from "./tokens.ts";

/** Names in double quotes, in the order of the text. DQL takes them for names, as it does backticks; texts are in single quotes. */
export function doubleQuotedNames(text: string): readonly string[] {
  return doubleQuotedTokens(text).map(({ name }) => name);
}

/** The text with each name in double quotes written as it is meant: as a text where `isText` says so, else as a name. */
export function requoted(text: string, isText: (name: string) => boolean): string {
  return doubleQuotedTokens(text).reduceRight((result, { name, start, end }) => {
    const meant = isText(name) ? `'${name.replaceAll("'", "''")}'` : printName(name);
    return `${result.slice(0, start)}${meant}${result.slice(end)}`;
  }, text);
}

function doubleQuotedTokens(text: string): { name: string; start: number; end: number }[] {
  return lexer
    .tokenize(text)
    .tokens.filter(({ tokenType }) => tokenType === Token.DoubleQuoted)
    .map(({ image, startOffset }) => ({
      name: image.slice(1, -1).replaceAll('""', '"'),
      start: startOffset,
      end: startOffset + image.length,
    }));
}
