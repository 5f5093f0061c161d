import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { scaleLine, scaleRow } from "../../../../scripts/scale-table.ts";

test("the first rows of the table in docs/scale.md are what the plan and the objects of such a hub are", () => {
  const page = readFileSync("docs/scale.md", "utf8");
  for (const sites of [10, 200]) expect(page).toContain(`\n${scaleLine(scaleRow(sites))}\n`);
});

test("a hub has one replication and one port for any number of sites, and one Secret for each", () => {
  const [few, many] = [scaleRow(2), scaleRow(40)];
  expect([few.ports, many.ports]).toEqual([1, 1]);
  expect([few.trustSecrets, many.trustSecrets]).toEqual([2, 40]);
  expect(many.replication).toBe(few.replication);
  expect(many.bundle).toBeGreaterThan(38 * 1300);
});
