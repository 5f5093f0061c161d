import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { explainRuleCommand } from "../../../cli/commands/explain-rule.ts";
import { allRules } from "../../../topology/rules/index.ts";

let printed = "";
beforeEach(() => {
  printed = "";
  vi.spyOn(console, "log").mockImplementation((text: string) => {
    printed += `${text}\n`;
  });
});
afterEach(() => vi.restoreAllMocks());

test("every rule is explained by its own description, wherever it is found", async () => {
  for (const { id, severity, summary, why, source, ignorable } of allRules) {
    printed = "";
    expect(await explainRuleCommand(id, {})).toBe(0);
    expect(printed).toMatch(new RegExp(`^${id} {2}${severity}\n`));
    for (const part of [summary, `why: ${why}`, `source: ${source}`, `docs/rules.md#${id}`])
      expect(printed).toContain(part);
    expect(printed.includes(`# bigpeer-ignore ${id}: <reason>`)).toBe(ignorable);
  }
});

test("a rule of the file shows the example of its page, and what is said of it", async () => {
  await explainRuleCommand("flows-back", {});
  expect(printed).toMatch(/^ {2}- {2}blue-cars-home: .*from: bp2, to: bp1/m);
  expect(printed).toMatch(/^ {2}topology\.yaml:14:3 warning flows-back/m);
  expect(printed).toContain("in the topology file");
});

test.each([
  ["unreadable", "in the topology file"],
  ["missing-crd", "in the clusters"],
  ["render-ca", "by `bigpeer render`"],
])("%s says where it is found", async (id, where) => {
  await explainRuleCommand(id, {});
  expect(printed).toContain(`found: ${where}`);
});

test("a rule that looks at clusters shows no example of another rule", async () => {
  await explainRuleCommand("missing-crd", {});
  expect(printed).not.toContain("An example");
});

test("a misspelt id gets the nearest, and how all are listed", async () => {
  await expect(explainRuleCommand("flow-back", {})).rejects.toThrow(
    'there is no rule "flow-back"; did you mean "flows-back"? (`bigpeer explain-rule` lists all of them)',
  );
});

test("without an id all rules are listed, one a line, with severity and summary", async () => {
  expect(await explainRuleCommand(undefined, {})).toBe(0);
  const lines = printed.trimEnd().split("\n");
  expect(lines.map((line) => line.split(/ {2,}/)[0])).toEqual(allRules.map(({ id }) => id));
  expect(lines[0]).toMatch(/^unreadable +error +The file cannot be read/);
});

test("--json gives a rule, or all of them, with every part of the description", async () => {
  await explainRuleCommand("flows-back", { json: true });
  expect(JSON.parse(printed)).toMatchObject({ version: 1, id: "flows-back", severity: "warning", ignorable: true });
  printed = "";
  await explainRuleCommand(undefined, { json: true });
  expect(JSON.parse(printed).rules).toHaveLength(allRules.length);
});
