import type { Assignment, Expression, InsertedDocument, Statement } from "./ast.ts";
import { choose, ExpressionParser, textOf, unquoted } from "./expression-parser.ts";
import { Keyword, Token } from "./tokens.ts";

/** The grammar of statements and of predicates. */
export class DqlParser extends ExpressionParser {
  constructor(validate = false) {
    super(validate);
    this.performSelfAnalysis();
  }

  readonly statement = this.RULE(
    "statement",
    (): Statement =>
      this.OR([
        { ALT: () => this.SUBRULE(this.select) },
        { ALT: () => this.SUBRULE(this.insert) },
        { ALT: () => this.SUBRULE(this.update) },
        { ALT: () => this.SUBRULE(this.remove) },
      ]),
  );

  readonly select = this.RULE("select", (): Statement => {
    this.CONSUME(Keyword.SELECT);
    this.CONSUME(Token.Star);
    this.CONSUME(Keyword.FROM);
    const collection = this.SUBRULE(this.collection);
    const where = this.OPTION(() => this.SUBRULE(this.where));
    this.OPTION2(() => {
      this.CONSUME(Keyword.ORDER);
      this.CONSUME(Keyword.BY);
      this.SUBRULE(this.value);
      this.OPTION3(() =>
        this.OR([{ ALT: () => this.CONSUME(Keyword.ASC) }, { ALT: () => this.CONSUME(Keyword.DESC) }]),
      );
    });
    const limit = this.OPTION4(() => {
      this.CONSUME(Keyword.LIMIT);
      return Number(this.CONSUME(Token.Number).image);
    });
    return { kind: "select", collection, where, limit };
  });

  readonly insert = this.RULE("insert", (): Statement => {
    const documents: InsertedDocument[] = [];
    let onConflict: "fail" | "nothing" | "update" = "fail";
    this.CONSUME(Keyword.INSERT);
    this.CONSUME(Keyword.INTO);
    const collection = this.SUBRULE(this.collection);
    this.CONSUME(Keyword.DOCUMENTS);
    this.AT_LEAST_ONE_SEP({
      SEP: Token.Comma,
      DEF: () => {
        this.CONSUME(Token.LeftParenthesis);
        const document = this.OR([
          { ALT: (): InsertedDocument => ({ param: this.CONSUME(Token.Parameter).image.slice(1) }) },
          { ALT: (): InsertedDocument => ({ literal: this.SUBRULE(this.object) }) },
        ]);
        this.CONSUME(Token.RightParenthesis);
        documents.push(document);
      },
    });
    this.OPTION(() => {
      this.CONSUME(Keyword.ON);
      this.CONSUME(Keyword.ID);
      this.CONSUME(Keyword.CONFLICT);
      this.CONSUME(Keyword.DO);
      onConflict = this.OR2([
        { ALT: () => choose(this.CONSUME(Keyword.FAIL), "fail" as const) },
        { ALT: () => choose(this.CONSUME(Keyword.NOTHING), "nothing" as const) },
        { ALT: () => choose(this.CONSUME(Keyword.UPDATE), "update" as const) },
      ]);
    });
    return { kind: "insert", collection, documents, onConflict };
  });

  readonly update = this.RULE("update", (): Statement => {
    const assignments: Assignment[] = [];
    this.CONSUME(Keyword.UPDATE);
    const collection = this.SUBRULE(this.collection);
    this.CONSUME(Keyword.SET);
    this.AT_LEAST_ONE_SEP({
      SEP: Token.Comma,
      DEF: () => {
        const path = this.SUBRULE(this.path);
        const operator = this.CONSUME(Token.Comparison);
        this.ACTION(() => {
          if (operator.image !== "=") throw new Error(`expected = after the field to set, found ${operator.image}`);
        });
        assignments.push({ path, value: this.SUBRULE(this.value) });
      },
    });
    const where = this.OPTION(() => this.SUBRULE(this.where));
    return { kind: "update", collection, assignments, where };
  });

  readonly remove = this.RULE("remove", (): Statement => {
    const kind = this.OR([
      { ALT: () => choose(this.CONSUME(Keyword.DELETE), "delete" as const) },
      { ALT: () => choose(this.CONSUME(Keyword.EVICT), "evict" as const) },
    ]);
    this.CONSUME(Keyword.FROM);
    const collection = this.SUBRULE(this.collection);
    const where = this.OPTION(() => this.SUBRULE(this.where));
    return { kind, collection, where };
  });

  readonly where = this.RULE("where", (): Expression => {
    this.CONSUME(Keyword.WHERE);
    return this.SUBRULE(this.disjunction);
  });

  readonly collection = this.RULE("collection", (): string => {
    this.OPTION(() => this.CONSUME(Keyword.COLLECTION));
    return this.SUBRULE(this.name);
  });

  readonly object: (index?: number) => Record<string, unknown> = this.RULE("object", (): Record<string, unknown> => {
    const entries: [string, unknown][] = [];
    this.CONSUME(Token.LeftBrace);
    this.MANY_SEP({
      SEP: Token.Comma,
      DEF: () => {
        const key = this.OR([{ ALT: () => textOf(this.CONSUME(Token.Text)) }, { ALT: () => this.SUBRULE(this.name) }]);
        this.CONSUME(Token.Colon);
        entries.push([key, this.SUBRULE(this.json)]);
      },
    });
    this.CONSUME(Token.RightBrace);
    return Object.fromEntries(entries);
  });

  readonly json: (index?: number) => unknown = this.RULE("json", (): unknown =>
    this.OR([
      { ALT: (): unknown => this.SUBRULE(this.literal) },
      // Within an object double quotes are JSON's.
      { ALT: (): unknown => unquoted(this.CONSUME(Token.DoubleQuoted).image, '"') },
      { ALT: (): unknown => this.SUBRULE(this.object) },
      {
        ALT: (): unknown => {
          const values: unknown[] = [];
          this.CONSUME(Token.LeftBracket);
          this.MANY_SEP({ SEP: Token.Comma, DEF: () => values.push(this.SUBRULE(this.json)) });
          this.CONSUME(Token.RightBracket);
          return values;
        },
      },
    ]),
  );
}
