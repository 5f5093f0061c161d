import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { errorsPage } from "../../../../scripts/errors-page.ts";
import { rulesPage } from "../../../../scripts/rules-page.ts";
import { checkSource } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { allRules, fileRules } from "../../../../topology/rules/index.ts";

const bad = "test/bad";
const good = "test/good";

const filesIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith(".yaml"));

function judged(folder: string, name: string) {
  const text = readFileSync(`${folder}/${name}`, "utf8");
  const { findings, plan } = checkSource(parseSource(name, text));
  return { text, findings, plan };
}

/** What a bad topology says should be found: `# expect: rule, rule` on the line, or `# expect: line rule` at the top. */
function expectedIn(text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const [, atTop] = /^# expect: (\d+ [\w-]+)$/.exec(line) ?? [];
    if (atTop !== undefined) return [atTop];
    const [, rules] = /# expect: ([\w-]+(?:, [\w-]+)*)$/.exec(line) ?? [];
    return (rules?.split(", ") ?? []).map((rule) => `${index + 1} ${rule}`);
  });
}

describe("a bad topology gives exactly the findings that it names, each on its line", () => {
  test.each(filesIn(bad))("%s", (name) => {
    const { text, findings, plan } = judged(bad, name);
    const found = findings.map(({ rule, location }) => `${location?.line} ${rule}`);
    expect(found.sort()).toEqual(expectedIn(text).sort());
    expect(found).not.toEqual([]);
    expect(plan === undefined).toBe(findings.some(({ severity }) => severity === "error"));
    for (const { what, why, fix } of findings) for (const words of [what, why, fix]) expect(words).toMatch(/^\S.*\S$/s);
  });
});

test.each(filesIn(good))("the good topology %s gives no finding", (name) => {
  const { findings, plan } = judged(good, name);
  expect(findings).toEqual([]);
  expect(plan).toBeDefined();
});

describe("every rule has an example of its mistake, which finds it, and one of the same thing done right", () => {
  test.each(fileRules.map(({ id }) => id))("%s", (id) => {
    expect(filesIn(good)).toContain(`${id}.yaml`);
    expect(judged(bad, `${id}.yaml`).findings.map(({ rule }) => rule)).toContain(id);
  });
});

test("every rule that can fire has an id of its own", () => {
  const ids = allRules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("no finding names a rule that is not documented, or has another severity than is documented", () => {
  const page = readFileSync("docs/rules.md", "utf8");
  const documented = new Set(
    [...page.matchAll(/^\| \[([\w-]+)\]\(#\1\) \| (error|warning|note) \|/gm)].map(
      ([, id, severity]) => `${severity} ${id}`,
    ),
  );
  expect(documented.size).toBe(allRules.length);
  const raised = filesIn(bad).flatMap((name) =>
    judged(bad, name).findings.map(({ rule, severity }) => `${severity} ${rule}`),
  );
  expect(raised.filter((each) => !documented.has(each))).toEqual([]);
});

test("docs/rules.md and docs/errors.md are current (npm run generate)", () => {
  expect(readFileSync("docs/rules.md", "utf8")).toBe(rulesPage());
  expect(readFileSync("docs/errors.md", "utf8")).toBe(errorsPage());
});
