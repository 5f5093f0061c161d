import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { checkFile, checkSource } from "../../../../topology/check.ts";
import { diffTopologies } from "../../../../topology/diff/compare.ts";
import { formatDiffMarkdown } from "../../../../topology/diff/markdown.ts";
import { readSource } from "../../../../topology/file/source.ts";
import { drawingOf } from "../../../../topology/graph/model.ts";
import { composed, pictureOf } from "../../../../topology/graph/picture.ts";

/** 4 regions, 12 hubs, 200 shops: the topology of the guide to many sites. */
const file = "topologies/fleet.yaml";
const source = readSource(file);

test("it has no finding, and one object and one port for each hub's shops", () => {
  const { plan, findings } = checkFile(file);
  expect(findings).toEqual([]);
  expect([plan?.clusters.size, plan?.peers.size]).toEqual([212, 212]);
  const ofShops = [...(plan?.replications.values() ?? [])].filter(({ form }) => form === "hub");
  expect(ofShops).toHaveLength(12);
  for (const { name, sides } of ofShops) {
    expect(sides.filter(({ target }) => target)).toHaveLength(1);
    expect(plan?.exposures.filter(({ replication }) => replication === name)).toHaveLength(1);
  }
});

test("its files are small enough to read", () => {
  for (const name of [file, ...readdirSync("topologies/fleet").map((each) => `topologies/fleet/${each}`)])
    expect(readFileSync(name, "utf8").split("\n").length, name).toBeLessThan(60);
});

test("it can be drawn, with equal shops as one, or by region on one page", async () => {
  const { plan } = checkFile(file);
  if (!plan) throw new Error("it has errors");
  const drawing = composed(drawingOf(plan), {});
  expect(await pictureOf(drawing, "mermaid", "Fleet")).toContain("hub-eu-1");
  const regions = await pictureOf(composed(drawingOf(plan, "region"), {}), "mermaid", "Fleet");
  expect(regions).toContain("region europe (53 clusters)");
  expect(regions.split("\n").length).toBeLessThan(80);
});

test("one more line in the table of a region is one more shop, and touches its hub alone", () => {
  const table = "topologies/fleet/shops-europe.csv";
  const text = `${readFileSync(table, "utf8")}shop-zagreb,europe,hub-eu-2,eu-051\n`;
  const base = checkSource(source);
  const head = checkSource(source.withTexts(new Map([[table, text]])));
  const diff = diffTopologies({ name: "base", ...base }, { name: "head", ...head });
  expect(diff.findings.new).toEqual([]);
  expect([...new Set(diff.objects.map(({ cluster }) => cluster))].sort()).toEqual(["hub-eu-2", "shop-zagreb"]);
  expect(diff.objects.filter(({ action }) => action === "delete" || action === "replace")).toEqual([]);
  const comment = formatDiffMarkdown(diff);
  expect(comment).toContain("shop-zagreb");
  expect(comment.split("\n").length).toBeLessThan(120);
  expect(new Set(comment.match(/shop-[a-z]+/g))).toEqual(new Set(["shop-zagreb"]));
});

test("a mistake in a table is told with its row and its template", () => {
  const table = "topologies/fleet/shops-asia.csv";
  const text = readFileSync(table, "utf8").replace("shop-osaka,", "Shop Osaka,");
  const { findings } = checkSource(source.withTexts(new Map([[table, text]])));
  const line = text.split("\n").findIndex((each) => each.startsWith("Shop Osaka")) + 1;
  expect(
    findings.map(
      ({ rule, location }) => `${rule} ${location?.file}:${location?.line} ${basename(location?.via?.file ?? "")}`,
    ),
  ).toContain(`name-not-dns ${table}:${line} shops.yaml`);
});
