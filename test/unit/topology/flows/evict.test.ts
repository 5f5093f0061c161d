import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatEvict } from "../../../../cli/commands/evict.ts";
import { planText } from "../../../../topology/check.ts";
import { evictReport } from "../../../../topology/flows/evict.ts";
import { timeBound } from "../../../../topology/flows/time-bound.ts";

const guide = readFileSync("topologies/dev.yaml", "utf8");
const planOf = (topology: string) => planText(topology).plan;
const kinds = (topology: string, peer: string, collection = "cars") => {
  const [entry] = evictReport(planOf(topology), { peer, collection });
  return Object.fromEntries((entry?.documents ?? []).map((kind) => [kind.query ?? "others", kind]));
};
const back = (topology: string, peer: string, query: string) =>
  kinds(topology, peer)[query]?.returns.flatMap(({ replication, certain, from }) =>
    from.map((each) => `${replication} ${each.peer}${each.pulls ? "" : " if there"}${certain ? "" : "?"}`),
  );
const reach = (topology: string, peer: string, query: string) =>
  kinds(topology, peer)[query]?.tombstone.map(
    ({ from, peer: to, replication, certain }) => `${from} ${to} ${replication}${certain ? "" : "?"}`,
  );

/** Four peers in a row, each pulling from the one before under other queries. */
const chain = `environment: development
clusters: { c: {} }
peers: { p1: { cluster: c, version: 1.63.2 }, p2: { cluster: c, version: 1.63.2 }, p3: { cluster: c, version: 1.63.2 }, p4: { cluster: c, version: 1.63.2 } }
apps: { cars: { peers: [p1, p2, p3, p4] } }
replications:
  one: { app: cars, from: p1, to: p2, queries: { cars: ["color = 'blue' AND year > 2020"] } }
  two: { app: cars, from: p2, to: p3, queries: { cars: ["color = 'blue'"] } }
  three: { app: cars, from: p3, to: p4, queries: { cars: ["size > 3", "color = 'red'"] } }
`;

describe("what EVICT does", () => {
  test("a document comes back over the peer's own subscription, from those it is linked with", () => {
    expect(back(guide, "bp1", "color = 'blue'")).toEqual(["blue-cars bp2"]);
    expect(back(guide, "bp2", "color = 'blue'")).toEqual(["blue-cars bp1"]);
  });

  test("from a one-way source it comes back only if it is there, since that pulls nothing", () => {
    expect(back(guide, "bp2", "color = 'red'")).toEqual(["red-cars bp1 if there"]);
  });

  test("what only others subscribe to stays away, and so does what nobody subscribes to", () => {
    expect(back(guide, "bp1", "color = 'red'")).toEqual([]);
    expect(back(guide, "bp1", "others")).toEqual([]);
  });

  test("names the link over which it comes, whoever dials", () => {
    const [returned] = kinds(guide, "bp2")["color = 'red'"]?.returns ?? [];
    expect(returned?.from[0]?.link).toEqual({ initiator: "bp1", target: "bp2" });
    expect(returned?.setting).toBe("replications.red-cars.queries.cars");
  });

  test("a query that holds for some of the documents only makes it a maybe", () => {
    expect(back(chain, "p2", "color = 'blue'")).toEqual(["one p1 if there?"]);
    expect(back(chain, "p2", "color = 'blue' AND year > 2020")).toEqual(["one p1 if there"]);
  });

  test("where a peer subscribes to everything there are no other documents", () => {
    const all = guide.replace("color = 'red'", "true");
    expect(Object.keys(kinds(all, "bp2"))).toEqual(["color = 'blue'", "true"]);
    expect(back(all, "bp2", "color = 'blue'")).toEqual(["blue-cars bp1", "red-cars bp1"]);
  });

  test("a query that cannot be read covers what it covers, and may cover anything else", () => {
    const odd = guide.replace("color = 'red'", "color = 'red' ESCAPE 'x'");
    expect(back(odd, "bp2", "color = 'red' ESCAPE 'x'")?.[0]).toMatch(/^blue-cars bp1.*\?$/);
    expect(back(odd, "bp2", "color = 'red' ESCAPE 'x'")?.[1]).toBe("red-cars bp1 if there");
  });

  test("in a hub the setting is `up` for the hub and `down` for a spoke", () => {
    const hub = readFileSync("topologies/hub-and-edges.yaml", "utf8");
    const setting = (peer: string, collection: string) =>
      Object.values(kinds(hub, peer, collection)).flatMap(({ returns }) => returns.map((each) => each.setting));
    expect(setting("hub", "orders")).toEqual(["replications.orders.up.orders"]);
    expect(setting("shop-2", "menus")).toEqual(["replications.menus.down.menus"]);
    expect(setting("shop-2", "orders")).toEqual([]);
  });
});

describe("what a DELETE reaches", () => {
  test("the tombstone goes wherever a subscription covers it", () => {
    expect(reach(guide, "bp1", "color = 'red'")).toEqual(["bp1 bp2 red-cars"]);
    expect(reach(guide, "bp2", "color = 'red'")).toEqual([]);
    expect(reach(guide, "bp1", "others")).toEqual([]);
  });

  test("hop by hop, and only maybe behind a query that not every such document matches", () => {
    expect(reach(chain, "p1", "color = 'blue' AND year > 2020")).toEqual(["p1 p2 one", "p2 p3 two", "p3 p4 three?"]);
    expect(reach(chain, "p2", "color = 'blue'")).toEqual(["p2 p3 two", "p3 p4 three?"]);
    expect(reach(chain, "p3", "color = 'red'")).toEqual(["p3 p4 three"]);
  });

  test("another app's replications carry nothing of this one", () => {
    const two = guide
      .replace("\nreplications:", "  trucks: { peers: [bp1, bp2] }\n\nreplications:")
      .replace("red-cars: { app: cars", "red-cars: { app: trucks");
    expect(reach(two, "bp1", "color = 'blue'")).toEqual(["bp1 bp2 blue-cars"]);
    expect(evictReport(planOf(two), { app: "trucks", peer: "bp1" })[0]?.documents.map(({ query }) => query)).toEqual([
      "color = 'red'",
      undefined,
    ]);
  });
});

describe("the pattern of a subscription bound in time", () => {
  test.each([
    ["color = 'blue'", undefined, "color = 'blue' AND createdAt > :cutoff", "color = 'blue' AND createdAt <= :cutoff"],
    ["true", undefined, "createdAt > :cutoff", "createdAt <= :cutoff"],
    [
      "color = 'blue' OR color = 'red'",
      undefined,
      "(color = 'blue' OR color = 'red') AND createdAt > :cutoff",
      "(color = 'blue' OR color = 'red') AND createdAt <= :cutoff",
    ],
    [
      "color = 'blue' AND soldAt >= '2026-01-01'",
      "soldAt >= '2026-01-01'",
      "color = 'blue' AND soldAt >= :cutoff",
      "color = 'blue' AND soldAt < :cutoff",
    ],
    ["'2026-01-01' < soldAt", "'2026-01-01' < soldAt", "soldAt > :cutoff", "soldAt <= :cutoff"],
    ["day >= 20700", "day >= 20700", "day >= :cutoff", "day < :cutoff"],
    [
      "a = 1 AND t > '2026' OR a = 2 AND t > '2025'",
      "a = 1 AND t > '2026' OR a = 2 AND t > '2025'",
      "((a = 1 AND t > '2026') OR (a = 2 AND t > '2025')) AND createdAt > :cutoff",
      "((a = 1 AND t > '2026') OR (a = 2 AND t > '2025')) AND createdAt <= :cutoff",
    ],
    ["price > 100", undefined, "price > 100 AND createdAt > :cutoff", "price > 100 AND createdAt <= :cutoff"],
    ["at.ms > 1767225600000", "at.ms > 1767225600000", "at.ms > :cutoff", "at.ms <= :cutoff"],
    ["a ~~ 1", undefined, "(a ~~ 1) AND createdAt > :cutoff", "(a ~~ 1) AND createdAt <= :cutoff"],
  ])("%s", (query, bound, subscription, where) => {
    expect(timeBound("cars", query)).toEqual({ bound, subscription, evict: `EVICT FROM cars WHERE ${where}` });
  });
});

describe("the report as text", () => {
  test("is a table of every kind of documents, with the pattern for each query that brings some back", () => {
    const text = formatEvict(evictReport(planOf(guide), { peer: "bp2" }), planOf(guide));
    expect(text).toMatch(/color = 'blue' +come back from bp1 \(blue-cars: bp1 dials bp2\) +bp1 \(blue-cars\)/);
    expect(text).toMatch(/color = 'red' +come back from bp1, if it has them \(red-cars: bp1 dials bp2\) +nobody/);
    expect(text).toMatch(/all others +stay away +nobody/);
    expect(text).toContain("2. EVICT FROM cars WHERE color = 'red' AND createdAt <= :cutoff");
    expect(text).toContain("documents that any of these queries covers come back, so add a time bound to all of them");
  });

  test("begins with where EVICT lasts, where it does not, and how far a DELETE goes", () => {
    const [summary = "", first = ""] = formatEvict(evictReport(planOf(guide), { peer: "bp2" }), planOf(guide)).split(
      "\n\n",
    );
    expect(summary.split("\n")).toEqual([
      "EVICT does not last for cars on bp2: subscriptions bring matching documents back.",
      "To make it last, add a time bound to 2 subscriptions, as shown below with their queries.",
      "A DELETE reaches other peers from cars on bp2.",
    ]);
    expect(first).toContain("cars on bp2");
    const nobody = formatEvict(evictReport(planOf(guide), { peer: "bp2", collection: "trucks" }), planOf(guide));
    expect(nobody).toMatch(
      /^EVICT lasts for trucks on bp2: no subscription brings documents back\.\nA DELETE reaches no other peer\.\n\n/,
    );
  });

  test("keeps its columns narrow, and says once what a guess is", () => {
    const plan = planOf(readFileSync("test/good/large.global.yaml", "utf8"));
    const text = formatEvict(evictReport(plan, { peer: "sin", collection: "manifests" }), plan);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(180);
    expect(text.match(/\?: only documents that also match another query/g)).toHaveLength(1);
  });

  test("a collection that nobody subscribes to stays away and reaches nobody", () => {
    const text = formatEvict(evictReport(planOf(guide), { peer: "bp2", collection: "trucks" }), planOf(guide));
    expect(text).toMatch(/all +stay away +nobody/);
  });

  test("no line of the report on a mesh of a hundred peers lists them all", () => {
    const names = Array.from({ length: 100 }, (_, index) => `p${index}`);
    const mesh = planOf(`environment: development
clusters: { c: {} }
peers: { ${names.map((name) => `${name}: { cluster: c, version: 1.63.2 }`).join(", ")} }
apps: { cars: { peers: [${names.join(", ")}] } }
replications: { all: { app: cars, mesh: [${names.join(", ")}], queries: { cars: "open = true" } } }
`);
    const entries = evictReport(mesh);
    const text = formatEvict(entries, mesh);
    expect(entries).toHaveLength(100);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(400);
  });
});
