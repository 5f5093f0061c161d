import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate, parsePredicate } from "../../../../dql/index.ts";
import { fill, type Language } from "../../../../topology/expand/placeholders.ts";
import type { SiteValue } from "../../../../topology/expand/table.ts";

const put = (text: string, value: SiteValue, language: Language) => {
  const result = fill(text, ["spoke"], language, () => ({ value }));
  return "problem" in result ? `refused: ${result.problem.what}` : result.value;
};

describe("in DQL", () => {
  test.each<[query: string, value: SiteValue, expected: string]>([
    ["storeId = {spoke.labels.store}", "s-1", "storeId = 's-1'"],
    ["storeId = {spoke.labels.store}", "O'Hara", "storeId = 'O''Hara'"],
    ["storeId = {spoke.labels.store}", 17, "storeId = 17"],
    ["open = {spoke.labels.open}", true, "open = true"],
    ["storeId = 'EU {spoke.labels.store}'", "O'Hara", "storeId = 'EU O''Hara'"],
    ["a = 'it''s' AND storeId = {spoke.labels.store}", "s", "a = 'it''s' AND storeId = 's'"],
    ["storeId IN ('all',{spoke.labels.store})", "s", "storeId IN ('all','s')"],
    ["`field_{spoke.labels.store}` = 1", "eu", "`field_eu` = 1"],
    ["storeId LIKE 'x{spoke.labels.store}%'", "17", "storeId LIKE 'x17%'"],
  ])("%s", (query, value, expected) => {
    expect(put(query, value, "dql")).toBe(expected);
  });

  test.each<[query: string, value: SiteValue]>([
    ["stock_{spoke.labels.store} = 1", "eu"],
    ["stock.{spoke.labels.store} = 1", "eu"],
    ["`field_{spoke.labels.store}` = 1", "` = 1 OR true OR `x"],
    ["storeId LIKE '{spoke.labels.store}%'", "s_1"],
    ["storeId = {spoke.labels.store}", "{spoke.name}"],
    ["storeId = {spoke.labels.store}", undefined],
  ])("%s is refused with a value that cannot stand there", (query, value) => {
    expect(put(query, value, "dql")).toMatch(/^refused: /);
  });

  test("a text is one text whatever it holds, and matches what has it and nothing else", () => {
    const values = fc.string().filter((text) => !/\{\w+\./.test(text));
    fc.assert(
      fc.property(values, values, fc.boolean(), (value, other, quoted) => {
        const query = put(quoted ? "a = '{spoke.x}'" : "a = {spoke.x}", value, "dql");
        const parsed = parsePredicate(String(query));
        expect(parsed.ok).toBe(true);
        if (!parsed.ok) return;
        expect(evaluate(parsed.expression, { a: value }, {})).toBe(true);
        expect(evaluate(parsed.expression, { a: other }, {})).toBe(other === value);
      }),
    );
  });
});

describe("elsewhere", () => {
  test("a text that is nothing but a placeholder becomes the value, of whatever type", () => {
    expect(put("{spoke.x}", 4100, "plain")).toBe(4100);
    expect(put("{spoke.x}", undefined, "plain")).toBeUndefined();
    expect(put("a-{spoke.x}", 4100, "plain")).toBe("a-4100");
  });

  test("a part of a host is a part of a DNS name", () => {
    expect(put("{spoke.x}.example.com", "dublin-1", "host")).toBe("dublin-1.example.com");
    for (const value of ["Köln", "a b", "-a", "a:1", "a/b"])
      expect(put("{spoke.x}.example.com", value, "host")).toMatch(/^refused: /);
  });

  test("what is of no site stays as it is", () => {
    expect(put("{peer.x} {site.x} {name}", "v", "plain")).toBe("{peer.x} {site.x} {name}");
  });
});
