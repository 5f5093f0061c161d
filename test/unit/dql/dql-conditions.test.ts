import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  conditionsOf,
  coverAll,
  doubleQuotedNames,
  type Expression,
  evaluate,
  excludes,
  mixedOperators,
  parsePredicate,
  printExpression,
  requoted,
  verdictOf,
  withoutNegation,
} from "../../../dql/index.ts";

function parsed(text: string): Expression {
  const result = parsePredicate(text);
  if (!result.ok) throw new Error(`${text}: ${result.message}`);
  return result.expression;
}

const field = fc.constantFrom("a", "b", "c.d");
const literal = fc.constantFrom("'x'", "'y'", "''", "1", "2", "true", "false", "NULL");
const operator = fc.constantFrom("=", "!=", "<", "<=", ">", ">=");
const side = fc.oneof({ weight: 3, arbitrary: field }, literal);
const condition = fc.oneof(
  fc.tuple(side, operator, side).map((parts) => parts.join(" ")),
  fc
    .tuple(field, fc.constantFrom("IN", "NOT IN"), fc.array(literal, { maxLength: 3 }))
    .map(([a, by, values]) => `${a} ${by} (${values.join(", ")})`),
  fc
    .tuple(field, fc.constantFrom("LIKE", "NOT LIKE"), fc.constantFrom("'x%'", "'%'", "'y'"))
    .map((parts) => parts.join(" ")),
  fc
    .tuple(field, fc.constantFrom("IS NULL", "IS NOT NULL", "IS MISSING", "IS NOT MISSING"))
    .map((parts) => parts.join(" ")),
  fc
    .tuple(field, fc.constantFrom("BETWEEN", "NOT BETWEEN"), literal, literal)
    .map(([a, by, low, high]) => `${a} ${by} ${low} AND ${high}`),
  literal,
  field,
);
const { predicate } = fc.letrec<{ predicate: string }>((tie) => ({
  predicate: fc.oneof(
    { depthSize: "small" },
    condition,
    fc
      .tuple(tie("predicate"), fc.constantFrom("AND", "OR"), tie("predicate"))
      .map(([one, by, other]) => `(${one}) ${by} (${other})`),
    tie("predicate").map((inner) => `NOT (${inner})`),
  ),
}));
const value = fc.constantFrom("x", "y", "", "xy", 0, 1, 1.5, 2, true, false, null);
const fields = fc.record({ a: value, b: value, c: fc.record({ d: value }) }, { requiredKeys: [] });

describe("a predicate without NOT", () => {
  test("holds for the documents for which it held before, and has no NOT but before a field or a function", () => {
    fc.assert(
      fc.property(predicate, fields, (text, document) => {
        const expression = parsed(text);
        const plain = withoutNegation(expression);
        expect(evaluate(plain, document, {})).toBe(evaluate(expression, document, {}));
        for (const each of conditionsOf(expression)) if (each.kind === "not") expect(each.operand.kind).toBe("field");
      }),
      { numRuns: 2000 },
    );
  });
});

describe("what a predicate comes to", () => {
  test.each([
    ["1 = 2", "never"],
    ["color = NULL", "never"],
    ["color <> NULL", "never"],
    ["color NOT IN ('red', NULL)", "never"],
    ["color IN ()", "never"],
    ["color NOT IN ()", "always"],
    ["'true'", "never"],
    ["color = 'blue' AND 1 = 2", "never"],
    ["color = 'blue' OR 1 = 2", undefined],
    ["color = color", "always"],
    ["NOT (1 = 2)", "always"],
    ["color = 'blue'", undefined],
    ["color IN ('red', NULL)", undefined],
  ])("%s: %s", (text, verdict) => {
    expect(verdictOf(parsed(text))).toBe(verdict);
  });

  test("is never contradicted by a document", () => {
    let decided = 0;
    fc.assert(
      fc.property(predicate, fields, (text, document) => {
        const expression = parsed(text);
        const verdict = verdictOf(expression);
        if (verdict === undefined) return;
        decided += 1;
        // What always holds is false for no document; where a field is missing it may be neither.
        expect(evaluate(withoutNegation(expression, verdict === "always"), document, {})).toBe(false);
      }),
      { numRuns: 3000 },
    );
    expect(decided).toBeGreaterThan(200);
  });
});

describe("two conditions", () => {
  test("that exclude each other hold for no document at once", () => {
    let excluded = 0;
    fc.assert(
      fc.property(condition, condition, fc.array(fields, { minLength: 20, maxLength: 20 }), (one, other, documents) => {
        const [a, b] = [parsed(one), parsed(other)].map((each) => withoutNegation(each));
        if (!a || !b || !excludes(a, b)) return;
        excluded += 1;
        for (const document of documents)
          expect(
            evaluate(a, document, {}) && evaluate(b, document, {}),
            `${one} / ${other} on ${JSON.stringify(document)}`,
          ).toBe(false);
      }),
      { numRuns: 5000 },
    );
    expect(excluded).toBeGreaterThan(200);
  });

  test.each([
    ["color != 'red'", "color != 'blue'", true],
    ["color = 'red'", "color != 'red'", true],
    ["year < 2024", "year > 2020", true],
    ["year < 2020", "year > 2024", false],
    ["color IS NULL", "color IS NOT NULL", true],
    ["color IS MISSING", "color = 'red'", false],
    ["color != 'red'", "size != 'blue'", false],
    ["color = 'red'", "color = 'blue'", false],
  ])("%s or %s leave nothing out: %s", (one, other, covered) => {
    expect(coverAll(parsed(one), parsed(other))).toBe(covered);
  });
});

describe("double quotes", () => {
  test("are for names, as backticks are, and never for texts", () => {
    expect(printExpression(parsed(`"color" = 'blue'`))).toBe("color = 'blue'");
    expect(printExpression(parsed(`color = "dark blue"`))).toBe("color = `dark blue`");
    expect(evaluate(parsed(`color = "blue"`), { color: "blue" }, {})).toBe(false);
    expect(evaluate(parsed(`"color" = 'blue'`), { color: "blue" }, {})).toBe(true);
  });

  test("are told from those within a text, and written as what is meant", () => {
    const query = `"the color" = 'say "blue"' AND name = "it's"`;
    expect(doubleQuotedNames(query)).toEqual(["the color", "it's"]);
    expect(requoted(query, (name) => name === "it's")).toBe(`\`the color\` = 'say "blue"' AND name = 'it''s'`);
  });
});

test.each([
  ["a = 1 OR b = 2 AND c = 3", "AND with OR"],
  ["(a = 1 OR b = 2 AND c = 3)", "AND with OR"],
  ["(a = 1 OR b = 2) AND c = 3", undefined],
  ["a BETWEEN 1 AND 2 OR b = 3", undefined],
  ["a BETWEEN 1 AND 2 AND b = 3 OR c = 4", "AND with OR"],
  ["NOT a = 1 OR b = 2", "NOT with OR"],
  ["NOT (a = 1) OR b = 2", undefined],
  ["a = 'x OR y AND z'", undefined],
  ["a IN (1, 2) AND (b = 1 OR c = 2)", undefined],
])("%s mixes %s", (text, mixed) => {
  expect(mixedOperators(text)).toBe(mixed);
});
