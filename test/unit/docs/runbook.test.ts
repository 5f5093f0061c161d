import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { sarifLog } from "../../../cli/output/sarif.ts";
import { jsonSchemaText } from "../../../topology/file/json-schema.ts";
import { pageAddress, publicAddress, schemaId } from "../../../topology/pages.ts";
import { runbook, runbookPages } from "../../../topology/runbook.ts";

const folders = ["cli", "engine", "kubernetes", "status", "topology/monitoring", "trust", "verify"];
const sources = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(folder, name), "utf8")),
);

test("the folder has each page that a message can name, and no other", () => {
  expect(readdirSync("docs/runbook").sort()).toEqual(runbookPages.map((page) => `${page}.md`).sort());
});

test.each(runbookPages)("%s is named by a message, and goes from the symptom over causes to commands", (page) => {
  expect(sources.some((text) => text.includes(`"${page}"`))).toBe(true);
  const text = readFileSync(`docs/runbook/${page}.md`, "utf8");
  expect([...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading).slice(1)).toEqual([
    "What you see",
    "Causes and commands",
    "Afterwards",
  ]);
  expect(text.split("\n").length).toBeLessThan(45);
  expect(text).toMatch(/`(?:npx bigpeer|pulumi|kubectl) /);
});

test("the package has the pages that its messages name", () => {
  const { files } = z.object({ files: z.array(z.string()) }).parse(JSON.parse(readFileSync("package.json", "utf8")));
  expect(files).toEqual(
    expect.arrayContaining(["docs/runbook", "docs/rules.md", "docs/exposure.md", "docs/topology.md"]),
  );
});

test("with a public address, pages, rules in SARIF and the schema's identifier are absolute", () => {
  const base = "https://git.example.com/bigpeer-topology/blob/v1.2.3/";
  expect(pageAddress("docs/rules.md#app-id", base)).toBe(`${base}docs/rules.md#app-id`);
  expect(schemaId(base)).toBe(`${base}topology.schema.json`);
  const [run] = sarifLog([], process.cwd(), base).runs;
  for (const { id, helpUri, help } of run?.tool.driver.rules ?? []) {
    expect(helpUri).toBe(`${base}docs/rules.md#${id}`);
    expect(help.markdown).toContain(`(${base}docs/rules.md#${id})`);
  }
});

test("without one, messages name paths, and the schema still has an identifier", () => {
  expect(pageAddress("docs/rules.md#app-id", undefined)).toMatch(/docs\/rules\.md#app-id$/);
  expect(runbook("stack-locked")).toContain("docs/runbook/stack-locked.md");
  const { $id } = z.object({ $id: z.string() }).parse(JSON.parse(jsonSchemaText()));
  expect($id).toBe(schemaId());
  expect(URL.canParse($id)).toBe(true);
});

test("a release, whose package.json names the repository, has a public address", () => {
  const { repository } = z
    .looseObject({ repository: z.unknown().optional() })
    .parse(JSON.parse(readFileSync("package.json", "utf8")));
  if (repository !== undefined) expect(publicAddress).toMatch(/^https:\/\/.*\/$/);
  else expect(publicAddress).toBeUndefined();
});
