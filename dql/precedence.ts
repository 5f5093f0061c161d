import { Keyword, lexer, Token } from "./tokens.ts";

/** The words and operators on one level of parentheses. */
interface Level {
  and: boolean;
  or: boolean;
  /** A NOT that is followed by no parenthesis and that begins the level. */
  not: boolean;
  /** A BETWEEN whose own AND is still to come. */
  between: boolean;
  tokens: number;
}

/** The operators that a predicate joins on one level without parentheses, so that a reader has to know which binds first. */
export function mixedOperators(text: string): "AND with OR" | "NOT with OR" | undefined {
  const { tokens } = lexer.tokenize(text);
  const open: Level[] = [newLevel()];
  for (const [index, { tokenType }] of tokens.entries()) {
    const level = open.at(-1);
    if (!level) return undefined;
    level.tokens += 1;
    if (tokenType === Token.LeftParenthesis) open.push(newLevel());
    else if (tokenType === Token.RightParenthesis) {
      const mixed = mixedOn(level);
      if (mixed) return mixed;
      open.pop();
    } else if (tokenType === Keyword.BETWEEN) level.between = true;
    else if (tokenType === Keyword.OR) level.or = true;
    else if (tokenType === Keyword.AND) {
      if (level.between) level.between = false;
      else level.and = true;
    } else if (tokenType === Keyword.NOT && level.tokens === 1)
      level.not = tokens[index + 1]?.tokenType !== Token.LeftParenthesis;
  }
  const [first] = open;
  return first && mixedOn(first);
}

function newLevel(): Level {
  return { and: false, or: false, not: false, between: false, tokens: 0 };
}

function mixedOn({ and, or, not }: Level): "AND with OR" | "NOT with OR" | undefined {
  if (and && or) return "AND with OR";
  return not && or ? "NOT with OR" : undefined;
}
