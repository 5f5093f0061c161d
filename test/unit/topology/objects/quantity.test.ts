import fc from "fast-check";
import { expect, test } from "vitest";
import { compareQuantities } from "../../../../topology/objects/quantity.ts";

test.each([
  ["1Gi", "1024Mi", 0],
  ["1Gi", "1073741824", 0],
  ["1G", "1Gi", -1],
  ["1.5Gi", "1536Mi", 0],
  ["0.1", "100m", 0],
  ["1e3", "1k", 0],
  ["1E", "1e18", 0],
  ["1Ei", "1024Pi", 0],
  ["9007199254740993", "9007199254740992", 1],
  ["900Gi", "1Ti", -1],
  ["1.Gi", ".5Gi", 1],
])("%s against %s is %d", (one, other, expected) => {
  expect(compareQuantities(one, other)).toBe(expected);
  expect(compareQuantities(other, one)).toBe(expected === 0 ? 0 : -expected);
});

test.each(["", "Gi", "1 Gi", "1gi", "1GiB", "ten", "-1Gi", "1e9999"])("%j is no quantity", (text) => {
  expect(compareQuantities(text, "1Gi")).toBeUndefined();
  expect(compareQuantities("1Gi", text)).toBeUndefined();
});

test("the order is that of the bytes", () => {
  const bytes = { "": 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
  const quantity = fc
    .tuple(fc.nat(1000), fc.constantFrom(...Object.entries(bytes)))
    .map(([n, [unit, size]]) => ({ text: `${n}${unit}`, size: n * size }));
  fc.assert(
    fc.property(quantity, quantity, (one, other) => {
      expect(compareQuantities(one.text, other.text)).toBe(Math.sign(one.size - other.size));
    }),
    { numRuns: 500 },
  );
});
