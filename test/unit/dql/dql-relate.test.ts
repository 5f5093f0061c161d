import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Expression, evaluate, parsePredicate, printExpression, relate } from "../../../dql/index.ts";

function parsed(text: string): Expression {
  const result = parsePredicate(text);
  if (!result.ok) throw new Error(`${text}: ${result.message}`);
  return result.expression;
}

describe("how two predicates relate", () => {
  test.each([
    ["color = 'blue'", "true", "implies"],
    ["color = 'blue'", "false", "excludes"],
    ["color = 'blue'", "color = 'blue'", "implies"],
    ["color = 'blue'", "color = 'red'", "excludes"],
    ["color = 'blue'", "color != 'red'", "implies"],
    ["color != 'red'", "color = 'red'", "excludes"],
    ["color = 'blue'", "color IN ('blue', 'red')", "implies"],
    ["color = 'blue' AND year > 2020", "color = 'blue'", "implies"],
    ["color = 'blue'", "color = 'blue' AND year > 2020", "unknown"],
    ["color = 'blue'", "color = 'red' AND year > 2020", "excludes"],
    ["color = 'blue' OR color = 'red'", "color IN ('blue', 'red')", "implies"],
    ["color = 'blue' OR color = 'red'", "color = 'blue'", "unknown"],
    ["year > 2020", "year > 2010", "implies"],
    ["year > 2020", "year <= 2020", "excludes"],
    ["year >= 2020", "year <= 2020", "unknown"],
    ["createdAt > '2026-02-01'", "createdAt > '2026-01-01'", "implies"],
    ["year > 2020", "size > 3", "unknown"],
    ["NOT (a LIKE 'x%')", "a LIKE 'x%'", "excludes"],
    ["true", "color = 'blue'", "unknown"],
    ["color = 'blue'", "at > now()", "unknown"],
  ])("%s %s %s", (one, other, relation) => {
    expect(relate(parsed(one), parsed(other))).toBe(relation);
  });

  const literal = fc.constantFrom("1", "2", "3", "'x'", "'y'", "true");
  const leaf = fc.oneof(
    fc
      .tuple(fc.constantFrom("a", "b"), fc.constantFrom("=", "!=", "<", "<=", ">", ">="), literal)
      .map((parts) => parts.join(" ")),
    fc
      .tuple(fc.constantFrom("a", "b"), fc.constantFrom("IN", "NOT IN"), literal, literal)
      .map(([f, op, x, y]) => `${f} ${op} (${x}, ${y})`),
    fc.constantFrom("a IS NULL", "b IS NOT MISSING", "true", "a"),
  );
  const predicate = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.tuple(tie("tree"), fc.constantFrom("AND", "OR"), tie("tree")).map(([x, op, y]) => `(${x}) ${op} (${y})`),
      tie("tree").map((x) => `NOT (${x})`),
    ),
  })).tree;
  const value = fc.constantFrom(1, 2, 3, "x", "y", true, false, null);
  const documents = fc.record({ a: value, b: value }, { requiredKeys: [] });

  test("never says what a document contradicts", () => {
    fc.assert(
      fc.property(predicate, predicate, fc.array(documents, { minLength: 20 }), (one, other, samples) => {
        const relation = relate(parsed(one), parsed(other));
        for (const sample of samples.filter((each) => evaluate(parsed(one), each, {}))) {
          if (relation === "implies") expect(evaluate(parsed(other), sample, {})).toBe(true);
          if (relation === "excludes") expect(evaluate(parsed(other), sample, {})).toBe(false);
        }
      }),
      { numRuns: 3000 },
    );
  });

  test("what is printed parses to what it was printed from", () => {
    fc.assert(
      fc.property(predicate, (text) => {
        expect(parsed(printExpression(parsed(text)))).toEqual(parsed(text));
      }),
    );
    const odd = "`order`.`a b` = 'it''s' AND `select` BETWEEN 1 AND 2 AND now() > :cutoff";
    expect(parsed(printExpression(parsed(odd)))).toEqual(parsed(odd));
  });
});
