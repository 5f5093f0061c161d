import { EmbeddedActionsParser, type IToken } from "chevrotain";
import type { ComparisonOperator, Expression } from "./ast.ts";
import { Keyword, Token, vocabulary } from "./tokens.ts";

/** The grammar of predicates. Each rule gives a node of the AST, so there is no second pass. A subclass has to analyse the grammar. */
export class ExpressionParser extends EmbeddedActionsParser {
  constructor(validate: boolean) {
    super(vocabulary, { skipValidations: !validate, recoveryEnabled: false });
  }

  readonly predicate = this.RULE("predicate", (): Expression => this.SUBRULE(this.disjunction));

  readonly disjunction = this.RULE("disjunction", (): Expression => {
    const operands: Expression[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Keyword.OR, DEF: () => operands.push(this.SUBRULE(this.conjunction)) });
    return joined("OR", operands);
  });

  readonly conjunction = this.RULE("conjunction", (): Expression => {
    const operands: Expression[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Keyword.AND, DEF: () => operands.push(this.SUBRULE(this.negation)) });
    return joined("AND", operands);
  });

  readonly negation: (index?: number) => Expression = this.RULE("negation", (): Expression => {
    return this.OR([
      {
        ALT: (): Expression => {
          this.CONSUME(Keyword.NOT);
          return { kind: "not", operand: this.SUBRULE(this.negation) };
        },
      },
      { ALT: (): Expression => this.SUBRULE(this.comparison) },
    ]);
  });

  readonly comparison = this.RULE("comparison", (): Expression => {
    const left = this.SUBRULE(this.value);
    return (
      this.OPTION(() =>
        this.OR([
          {
            ALT: (): Expression => {
              const operator = this.CONSUME(Token.Comparison).image;
              return {
                kind: "comparison",
                operator: comparisonOperator(operator),
                left,
                right: this.SUBRULE2(this.value),
              };
            },
          },
          { ALT: (): Expression => this.SUBRULE(this.membership, { ARGS: [left] }) },
          {
            ALT: (): Expression => {
              this.CONSUME(Keyword.IS);
              const negated = this.OPTION2(() => this.CONSUME2(Keyword.NOT)) !== undefined;
              const what = this.OR2([
                { ALT: () => choose(this.CONSUME(Keyword.NULL), "NULL" as const) },
                { ALT: () => choose(this.CONSUME(Keyword.MISSING), "MISSING" as const) },
              ]);
              return { kind: "is", negated, left, what };
            },
          },
        ]),
      ) ?? left
    );
  });

  /** `[NOT] IN (…)`, `[NOT] LIKE …`, `[NOT] BETWEEN … AND …`. */
  readonly membership = this.RULE("membership", (left: Expression): Expression => {
    const negated = this.OPTION(() => this.CONSUME(Keyword.NOT)) !== undefined;
    return this.OR([
      {
        ALT: (): Expression => {
          const values: Expression[] = [];
          this.CONSUME(Keyword.IN);
          this.CONSUME(Token.LeftParenthesis);
          // An empty list is read, so that a finding can say what it means: it holds nothing.
          this.MANY_SEP({ SEP: Token.Comma, DEF: () => values.push(this.SUBRULE(this.value)) });
          this.CONSUME(Token.RightParenthesis);
          return { kind: "in", negated, left, values };
        },
      },
      {
        ALT: (): Expression => {
          this.CONSUME(Keyword.LIKE);
          return { kind: "like", negated, left, pattern: this.SUBRULE2(this.value) };
        },
      },
      {
        ALT: (): Expression => {
          this.CONSUME(Keyword.BETWEEN);
          const low = this.SUBRULE3(this.value);
          this.CONSUME(Keyword.AND);
          const high = this.SUBRULE4(this.value);
          const range = joined("AND", [
            { kind: "comparison", operator: ">=", left, right: low },
            { kind: "comparison", operator: "<=", left, right: high },
          ]);
          return negated ? { kind: "not", operand: range } : range;
        },
      },
    ]);
  });

  readonly value: (index?: number) => Expression = this.RULE("value", (): Expression => {
    return this.OR([
      {
        ALT: (): Expression => {
          this.CONSUME(Token.LeftParenthesis);
          const inner = this.SUBRULE(this.disjunction);
          this.CONSUME(Token.RightParenthesis);
          return inner;
        },
      },
      { ALT: (): Expression => ({ kind: "literal", value: this.SUBRULE(this.literal) }) },
      { ALT: (): Expression => ({ kind: "parameter", name: this.CONSUME(Token.Parameter).image.slice(1) }) },
      {
        GATE: () => this.LA(2).tokenType === Token.LeftParenthesis,
        ALT: (): Expression => {
          const values: Expression[] = [];
          const name = this.CONSUME(Token.Identifier).image;
          this.CONSUME2(Token.LeftParenthesis);
          this.MANY_SEP({ SEP: Token.Comma, DEF: () => values.push(this.SUBRULE(this.value)) });
          this.CONSUME2(Token.RightParenthesis);
          return { kind: "call", name, arguments: values };
        },
      },
      { ALT: (): Expression => ({ kind: "field", path: this.SUBRULE(this.path) }) },
    ]);
  });

  readonly path = this.RULE("path", (): string[] => {
    const steps: string[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: Token.Dot, DEF: () => steps.push(this.SUBRULE(this.name)) });
    return steps;
  });

  /** Words that are keywords elsewhere may name a field or a collection where no keyword can stand. */
  readonly name = this.RULE("name", (): string =>
    this.OR([
      { ALT: () => this.CONSUME(Token.Identifier).image },
      { ALT: () => unquoted(this.CONSUME(Token.QuotedIdentifier).image, "`") },
      { ALT: () => unquoted(this.CONSUME(Token.DoubleQuoted).image, '"') },
      { ALT: () => this.CONSUME(Keyword.ID).image },
      { ALT: () => this.CONSUME(Keyword.COLLECTION).image },
      { ALT: () => this.CONSUME(Keyword.DOCUMENTS).image },
    ]),
  );

  readonly literal = this.RULE("literal", (): string | number | boolean | null =>
    this.OR([
      { ALT: () => textOf(this.CONSUME(Token.Text)) },
      { ALT: () => Number(this.CONSUME(Token.Number).image) },
      { ALT: () => choose(this.CONSUME(Keyword.TRUE), true) },
      { ALT: () => choose(this.CONSUME(Keyword.FALSE), false) },
      { ALT: () => choose(this.CONSUME(Keyword.NULL), null) },
    ]),
  );
}

/** The value that a keyword stands for. */
export function choose<T>(_token: IToken, value: T): T {
  return value;
}

/** The text in a token with single quotes or double quotes. */
export function textOf(token: IToken): string {
  return unquoted(token.image, token.image.charAt(0));
}

/** A text without its quotes; a quote that is doubled within stands for one. */
export function unquoted(image: string, quote: string): string {
  return image.slice(1, -1).replaceAll(quote + quote, quote);
}

function joined(operator: "AND" | "OR", operands: Expression[]): Expression {
  const [only] = operands;
  return operands.length === 1 && only ? only : { kind: "logical", operator, operands };
}

const comparisonOperators: readonly ComparisonOperator[] = ["=", "==", "!=", "<>", "<", "<=", ">", ">="];

function comparisonOperator(image: string): ComparisonOperator {
  // While chevrotain records the grammar it hands out placeholder tokens.
  return comparisonOperators.find((operator) => operator === image) ?? "=";
}
