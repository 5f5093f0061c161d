import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { vitestResults } from "../../vitest-report.ts";

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "bigpeer-report-")));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The report that the Vitest of this project writes of these test files. */
function reportOf(files: Record<string, string>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const out = join(folder, "report.json");
  const vitest = join(import.meta.dirname, "../../../node_modules/.bin/vitest");
  const args = ["run", "--root", folder, "--globals", "--reporter=json", `--outputFile.json=${out}`];
  spawnSync(vitest, args, { env: { ...process.env, VITEST: undefined } });
  return readFileSync(out, "utf8");
}

test("names each failed test with its file and what it expected, and counts the others", () => {
  const text = reportOf({
    "some.test.ts": `
      describe("a group", () => {
        it("holds", () => {});
        it("does not hold", () => expect(1).toBe(2));
        it.skip("is not run", () => {});
      });`,
  });

  const results = vitestResults(text, folder);

  expect(results).toMatchObject({ passed: 1, failed: 1, skipped: 1 });
  expect(results?.failures).toHaveLength(1);
  expect(results?.failures[0]).toMatch(
    /^some\.test\.ts > a group does not hold\n {4}AssertionError: expected 1 to be 2/,
  );
});

test("names a file that failed before its first test", () => {
  const results = vitestResults(reportOf({ "broken.test.ts": 'throw new Error("no such module");' }), folder);

  expect(results).toMatchObject({ passed: 0, failed: 0 });
  expect(results?.failures[0]).toMatch(/^broken\.test\.ts\n(.*\n)*? {4}.*no such module/);
});

test("reads nothing from what a runner that died has left", () => {
  expect(vitestResults('{"numPassedTests": 3, "testRes', folder)).toBeUndefined();
});
