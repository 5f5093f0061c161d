import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const page = readFileSync("docs/reliability.md", "utf8");
/** `[name of a test](../test/...)`. */
const named = [...page.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[\w./-]+\.test\.ts)\)/g)].map(([, name, file]) => ({
  name: name ?? "",
  file: file ?? "",
}));

function testsOf(file: string): string[] {
  const source = existsSync(file) ? readFileSync(file, "utf8") : "";
  return [...source.matchAll(/\btest(?:\.each\([\s\S]*?\))?\(\s*(["'`])([\s\S]*?)\1/g)].map(([, , name]) => name ?? "");
}

test("every test that docs/reliability.md names exists", () => {
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ name, file }) => !testsOf(file).includes(name))).toEqual([]);
});

test("every fault that is tested has a row in docs/reliability.md", () => {
  const files = readdirSync("test/faults").filter((file) => file.endsWith(".test.ts"));
  const tested = files.flatMap((file) => testsOf(join("test/faults", file)).map((name) => ({ name, file })));
  expect(tested.filter(({ name }) => !named.some((each) => each.name === name))).toEqual([]);
});
