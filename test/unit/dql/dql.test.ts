import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { deriveProbe, evaluate, parsePredicate, parseStatement } from "../../../dql/index.ts";
import { DqlParser } from "../../../dql/parser.ts";

const matches = (predicate: string, document: Record<string, unknown>, parameters = {}) => {
  const parsed = parsePredicate(predicate);
  if (!parsed.ok) throw new Error(parsed.message);
  return evaluate(parsed.expression, document, parameters);
};

test("the grammar is unambiguous", () => {
  expect(() => new DqlParser(true)).not.toThrow();
});

describe("a predicate", () => {
  test.each<[predicate: string, document: Record<string, unknown>, expected: boolean]>([
    ["true", {}, true],
    ["color = 'blue'", { color: "blue" }, true],
    ["color = 'blue'", { color: "red" }, false],
    ["color = 'it''s'", { color: "it's" }, true],
    ["color != 'blue'", {}, false],
    ["NOT color = 'blue'", {}, false],
    ["color = null", { color: null }, false],
    ["color IS NULL", { color: null }, true],
    ["color IS MISSING", {}, true],
    ["color IS NOT MISSING", {}, false],
    ["a = 1 OR b = 2 AND c = 3", { a: 1 }, true],
    ["(a = 1 OR b = 2) AND c = 3", { a: 1 }, false],
    ["address.city = 'Bonn'", { address: { city: "Bonn" } }, true],
    ["year BETWEEN 2020 AND 2024", { year: 2024 }, true],
    ["year NOT IN (1, 2)", { year: 3 }, true],
    ["name LIKE 'a_c%'", { name: "abcdef" }, true],
    ["createdAt > '2026-01-01'", { createdAt: "2026-02-01" }, true],
    ["size > '5'", { size: 6 }, false],
    ["color = :wanted", { color: "blue" }, true],
    ["toString = 'x'", {}, false],
  ])("%s on %j is %s", (predicate, document, expected) => {
    expect(matches(predicate, document, { wanted: "blue" })).toBe(expected);
  });

  test.each<[predicate: string, offset: number, message: RegExp]>([
    ["color = 'blue", 8, /never closed/],
    ["color = ", 8, /too early/],
    ["(a = 1", 6, /too early/],
    ["a = 1)", 5, /"\)"/],
    ["", 0, /too early/],
    ["DROP TABLE x", 5, /"TABLE"/],
    [`${"(".repeat(5000)}a`, 0, /nested deeper/],
  ])("%s is refused where it breaks", (predicate, offset, message) => {
    expect(parsePredicate(predicate)).toMatchObject({ ok: false, offset, message: expect.stringMatching(message) });
  });
});

test("statements are told apart, and one that is unknown is refused", () => {
  const kinds = [
    "SELECT * FROM cars WHERE _id = :id",
    "INSERT INTO cars DOCUMENTS (:doc)",
    "UPDATE cars SET a = 1",
    "DELETE FROM cars",
    "EVICT FROM cars WHERE a = 1",
  ].map((text) => {
    const parsed = parseStatement(text);
    return parsed.ok && [parsed.statement.kind, parsed.statement.collection];
  });
  expect(kinds).toEqual([
    ["select", "cars"],
    ["insert", "cars"],
    ["update", "cars"],
    ["delete", "cars"],
    ["evict", "cars"],
  ]);
  expect(parseStatement("TRUNCATE cars").ok).toBe(false);
});

describe("a derived probe document", () => {
  const field = fc.constantFrom("color", "size", "address.city");
  const literal = fc.oneof(
    fc.constantFrom("'blue'", "'it''s'", "''"),
    fc.integer().map(String),
    fc.constantFrom("true", "false"),
  );
  const comparison = fc.oneof(
    fc.tuple(field, fc.constantFrom("=", "!=", "<", ">", "<=", ">="), literal).map((parts) => parts.join(" ")),
    fc
      .tuple(field, fc.array(literal, { minLength: 1, maxLength: 3 }))
      .map(([name, values]) => `${name} IN (${values.join(", ")})`),
  );
  const { predicate } = fc.letrec<{ predicate: string }>((tie) => ({
    predicate: fc.oneof(
      { depthSize: "small" },
      comparison,
      fc
        .tuple(tie("predicate"), fc.constantFrom("AND", "OR"), tie("predicate"))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
    ),
  }));

  test("matches the predicate that it was derived from, whatever that is", () => {
    let derived = 0;
    fc.assert(
      fc.property(predicate, (text) => {
        const parsed = parsePredicate(text);
        if (!parsed.ok) throw new Error(`${text}: ${parsed.message}`);
        const probe = deriveProbe(parsed.expression);
        if (!probe.ok) return;
        derived += 1;
        expect(evaluate(parsed.expression, probe.fields, {})).toBe(true);
      }),
      { numRuns: 500 },
    );
    expect(derived).toBeGreaterThan(200);
  });

  test("is not made up where a function decides", () => {
    const parsed = parsePredicate("lower(color) = 'blue'");
    expect(parsed.ok && deriveProbe(parsed.expression).ok).toBe(false);
  });
});

test("no text makes the parser throw", () => {
  fc.assert(
    fc.property(
      fc.string(),
      (text) => typeof parsePredicate(text).ok === "boolean" && typeof parseStatement(text).ok === "boolean",
    ),
  );
});
