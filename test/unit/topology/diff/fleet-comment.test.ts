import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commentLimit } from "../../../../report/markdown.ts";
import { checkSource } from "../../../../topology/check.ts";
import { diffTopologies } from "../../../../topology/diff/compare.ts";
import { formatDiffMarkdown } from "../../../../topology/diff/markdown.ts";
import { readSource } from "../../../../topology/file/source.ts";

const source = readSource("topologies/fleet.yaml");
const base = checkSource(source);

/** The comment on a pull request that edits files of the fleet. */
function comment(edits: Readonly<Record<string, (text: string) => string>>): string {
  const texts = Object.entries(edits).map(([file, edit]): [string, string] => {
    const before = readFileSync(file, "utf8");
    expect(edit(before), file).not.toBe(before);
    return [file, edit(before)];
  });
  const head = checkSource(source.withTexts(new Map(texts)));
  return formatDiffMarkdown(diffTopologies({ name: "base", ...base }, { name: "head", ...head }));
}

/** What stands open, without the folded sections. */
function open(text: string): string[] {
  return text
    .replace(/<details>[\s\S]*?<\/details>/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
}

test("a default that changes all sites is one line, in the open part and in each list", () => {
  const text = comment({ "topologies/fleet.yaml": (file) => file.replace("version: 1.63.2", "version: 1.64.0") });
  expect(text.length).toBeLessThan(commentLimit);
  expect(text).toMatch(/^! 212: .* and 207 more$/m);
  expect(text).toMatch(/^! change 212 BigPeers: .* and 207 more$/m);
  expect(open(text).length).toBeLessThan(10);
});

test("a query that every site fills with its own values is one line, with one site's values", () => {
  const query = "storeId = {spoke.labels.store}";
  const file = "topologies/fleet/hubs.yaml";
  const text = comment({ [file]: (yaml) => yaml.replaceAll(query, `${query} AND discontinued = false`) });
  expect(text.length).toBeLessThan(commentLimit);
  const lines = open(text).filter((line) => line.includes("stock"));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/and 195 more receive .*each by values of its own; these are of shop-/);
  // The values of every site are in the folded part.
  expect(text).toMatch(/<summary>Data[^<]*<\/summary>/);
});

test("a column that changes in every row of the tables is one line", () => {
  const regions = ["america", "asia", "europe", "oceania"];
  const edits = regions.map((region): [string, (text: string) => string] => [
    `topologies/fleet/shops-${region}.csv`,
    (text) => text.replace(/([a-z]{2}-\d{3})$/gm, "$1x"),
  ]);
  const text = comment(Object.fromEntries(edits));
  expect(text.length).toBeLessThan(commentLimit);
  expect(open(text).filter((line) => line.includes("stock"))).toHaveLength(1);
  expect(open(text).length).toBeLessThan(15);
});
