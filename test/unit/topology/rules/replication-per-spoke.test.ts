import { expect, test } from "vitest";
import { checkSource } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";

const shops = ["a", "b", "c", "d", "e"];

/** What the rule says of replications, each of which has a shop of its own. */
function found(replication: (shop: string, index: number) => string, names = shops) {
  const text = `clusters: { dc: {} }
peers: { hub: { cluster: dc, version: 1.63.2 }, ${names.map((shop) => `${shop}: { cluster: dc, version: 1.63.2 }`).join(", ")} }
apps: { till: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [hub, ${names.join(", ")}] } }
replications:
${names.map((shop, index) => `  r-${shop}: { app: till, ${replication(shop, index)} }`).join("\n")}
`;
  const { findings } = checkSource(parseSource("t.yaml", text));
  return findings.filter(({ rule }) => rule === "replication-per-spoke").map(({ what, fix }) => `${what}: ${fix}`);
}

test.each([
  [
    "the same for all",
    (shop: string) => `hub: hub, spokes: [${shop}], down: { menus: "open = true" }`,
    /are the same: .*as its spokes$/,
  ],
  [
    "a value in what the spoke pulls",
    (shop: string) => `from: hub, to: ${shop}, dial: to, queries: { menus: "shop = '${shop}'" }`,
    /in values: .*in `down`, use a label/,
  ],
  [
    "a value in what the hub pulls",
    (shop: string) => `hub: hub, spokes: [${shop}], up: { orders: "shop IN ('${shop}', 'x')" }`,
    /in values: .*in `up`, write one query that fits all/,
  ],
])("names the replications that could be one, where there is %s", (_, replication, words) => {
  expect(found(replication)).toEqual([expect.stringMatching(words)]);
});

test.each([
  [
    "another field",
    (shop: string, index: number) =>
      `hub: hub, spokes: [${shop}], down: { menus: "${index === 0 ? "store" : "shop"} = '${shop}'" }`,
  ],
  [
    "another collection",
    (shop: string, index: number) =>
      `hub: hub, spokes: [${shop}], down: { ${index === 0 ? "prices" : "menus"}: "shop = '${shop}'" }`,
  ],
  [
    "another operator",
    (shop: string, index: number) =>
      `hub: hub, spokes: [${shop}], down: { menus: "shop ${index === 0 ? "!=" : "="} '${shop}'" }`,
  ],
])("says nothing of four that are alike, and of a fifth with %s", (_, replication) => {
  expect(found(replication)).toEqual([]);
});

test("says nothing where one replication has them all, or one shop has several", () => {
  expect(found(() => `hub: hub, spokes: [${shops.join(", ")}], down: { menus: "open = true" }`)).toEqual([]);
  expect(found((_, index) => `hub: hub, spokes: [a], down: { menus: "part = ${index}" }`)).toEqual([]);
});

test("says nothing of peers that all connect with each other", () => {
  const all = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
  const pairs = all.flatMap((one, index) => all.slice(index + 1).map((other) => [one, other]));
  const text = `clusters: { dc: {} }
peers: { ${all.map((peer) => `${peer}: { cluster: dc, version: 1.63.2 }`).join(", ")} }
apps: { till: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [${all.join(", ")}] } }
replications: { ${pairs.map(([one, other]) => `${one}-${other}: { app: till, between: [${one}, ${other}], queries: { menus: "open = true" } }`).join(", ")} }
`;
  const { findings } = checkSource(parseSource("t.yaml", text));
  expect(findings.map(({ rule }) => rule)).not.toContain("replication-per-spoke");
});
