import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { checkSource, planText } from "../../../../topology/check.ts";
import { diffTopologies } from "../../../../topology/diff/compare.ts";
import type { Source } from "../../../../topology/file/source.ts";
import { formatFindings } from "../../../../topology/findings/finding.ts";
import { sourceOf } from "../../../support/files-in-memory.ts";

const topology = `environment: development
defaults:
  peers: { version: 1.63.2 }
  byLabel:
    - labels: { tier: shop }
      clusters: { inbound: none, stack: "{cluster.name}" }
clusters:
  centre: { ingress: { host: hub.example.com }, stack: centre }
peers:
  hub: { cluster: centre, labels: { tier: hub } }
sites:
  shops:
    table: shops.csv
    clusters:
      "{site.name}": { labels: { tier: shop } }
    peers:
      "{site.name}": { cluster: "{site.name}", labels: { store: "{site.store}" } }
apps:
  retail: { id: 0b5a2b0e-8a4f-4a0e-9f43-6d1f0a3f7c11, peers: [hub, { labels: { tier: shop } }] }
replications:
  stock:
    app: retail
    hub: hub
    spokes: { labels: { tier: shop } }
    down: { prices: "true", stock: ["public = true", "storeId = {spoke.labels.store}"] }
`;
const shops = "name,store\nshop-1,s-1\nshop-2,0042\n";

const fleet = (table: string, text = topology) => sourceOf({ "fleet.yaml": text, "shops.csv": table });
const found = (source: Source) =>
  checkSource(source).findings.map(({ rule, what, location }) => {
    const via = location?.via ? ` (via ${location.via.file}:${location.via.line})` : "";
    return `${location?.file}:${location?.line}${via} ${rule} ${what}`;
  });

test("a family is what would have been written by hand, with defaults, labels and each site's own query", () => {
  expect(parse(fleet(shops).asOneFile())).toEqual({
    environment: "development",
    clusters: {
      centre: { ingress: { host: "hub.example.com" }, stack: "centre" },
      "shop-1": { labels: { tier: "shop" }, inbound: "none", stack: "shop-1" },
      "shop-2": { labels: { tier: "shop" }, inbound: "none", stack: "shop-2" },
    },
    peers: {
      hub: { cluster: "centre", labels: { tier: "hub" }, version: "1.63.2" },
      "shop-1": { cluster: "shop-1", labels: { tier: "shop", store: "s-1" }, version: "1.63.2" },
      "shop-2": { cluster: "shop-2", labels: { tier: "shop", store: "0042" }, version: "1.63.2" },
    },
    apps: { retail: { id: "0b5a2b0e-8a4f-4a0e-9f43-6d1f0a3f7c11", peers: ["hub", "shop-1", "shop-2"] } },
    replications: {
      stock: {
        app: "retail",
        hub: "hub",
        spokes: ["shop-1", "shop-2"],
        down: { prices: "true", stock: ["public = true"] },
        perSpoke: { "shop-1": { stock: ["storeId = 's-1'"] }, "shop-2": { stock: ["storeId = '0042'"] } },
      },
    },
  });
  expect(found(fleet(shops))).toEqual([]);
});

test("a hub has one object and one port, and each spoke its own filter", () => {
  const { plan } = checkSource(fleet(shops));
  const replication = plan?.replications.get("stock");
  expect(plan?.exposures).toHaveLength(1);
  expect(
    replication?.sides.map(({ peer, target, subscribes }) => ({ peer, target, subscribes: { ...subscribes } })),
  ).toEqual([
    { peer: "hub", target: true, subscribes: {} },
    { peer: "shop-1", target: false, subscribes: { prices: ["true"], stock: ["public = true", "storeId = 's-1'"] } },
    { peer: "shop-2", target: false, subscribes: { prices: ["true"], stock: ["public = true", "storeId = '0042'"] } },
  ]);
});

test("adding a site is one line, and the diff names that site and its hub alone", () => {
  const base = checkSource(fleet(shops));
  const head = checkSource(fleet(`${shops}shop-3,s-3\n`));
  const diff = diffTopologies({ name: "base", ...base }, { name: "head", ...head });
  expect(diff.findings.new).toEqual([]);
  const touched = new Set(diff.objects.map(({ cluster }) => cluster));
  expect([...touched].sort()).toEqual(["centre", "shop-3"]);
  const before = base.plan?.peers;
  for (const name of ["shop-1", "shop-2"]) expect(head.plan?.peers.get(name)).toEqual(before?.get(name));
});

test("what is printed reads as the same plan, and expands to itself", () => {
  const source = fleet(shops);
  const { plan } = checkSource(source);
  const printed = source.asOneFile();
  expect(planText(printed).plan).toEqual(plan);
  expect(sourceOf({ "fleet.yaml": printed }).asOneFile()).toBe(printed);
});

describe("a finding names the row and the template that wrote the value", () => {
  const wrong = (text: string, table = shops) => found(fleet(table, text));

  test("the row first, where the value is of the row", () => {
    expect(wrong(topology, "name,store\nshop-1,s-1\nShop_2,s-2\n")).toContainEqual(
      expect.stringMatching(/^shops\.csv:3 \(via fleet\.yaml:15\) name-not-dns /),
    );
  });

  test("the template first, where the value is of the template", () => {
    const text = topology.replace('"{site.name}": { cluster:', '"{site.name}": { namespace: Not_DNS, cluster:');
    expect(wrong(text)).toContainEqual(expect.stringMatching(/^fleet\.yaml:17 \(via shops\.csv:2\) name-not-dns /));
  });

  test("a cluster that is not there, where its labels are missed", () => {
    const text = topology.replace('"{site.name}": { cluster: "{site.name}",', '"{site.name}": { cluster: centr,');
    const { findings } = checkSource(fleet(shops, text));
    expect(findings.map(({ rule, fix }) => `${rule} ${fix}`)).toContainEqual(
      expect.stringMatching(/^empty-selection .*"shop-1" names the cluster "centr", which is not declared/),
    );
  });

  test("the query and the site, where a value of the site makes the query wrong", () => {
    const text = topology.replace("storeId = {spoke.labels.store}", "storeId = {spoke.labels.shop}");
    expect(wrong(text)).toContainEqual(
      expect.stringMatching(/^fleet\.yaml:25 \(via shops\.csv:2\) unfilled-placeholder .*\{spoke\.labels\.shop\}/),
    );
  });

  test("the default and the entry that took it", () => {
    const text = topology.replace('stack: "{cluster.name}"', "namespace: Not_DNS");
    expect(wrong(text)).toContainEqual(expect.stringMatching(/^fleet\.yaml:6 \(via shops\.csv:2\) name-not-dns /));
  });

  test("both rows of a name that is there twice", () => {
    expect(wrong(topology, "name,store\nshop-1,s-1\nshop-1,s-2\n")).toContainEqual(
      "shops.csv:3 (via fleet.yaml:17) duplicate-name is declared twice, first at shops.csv:2:1 (via fleet.yaml:17)",
    );
  });

  test("a comment over the template turns a finding down for every row", () => {
    const text = topology
      .replace('stack: "{cluster.name}" }', 'stack: "{cluster.name}" }\n      peers: { evicts: [stock] }')
      .replace("  stock:\n", "  # bigpeer-ignore unbound-in-time: what is evicted is never written again\n  stock:\n");
    expect(wrong(text)).toEqual([]);
    expect(checkSource(fleet(shops, text)).ignored).toHaveLength(2);
  });

  test("a secret in a cell is blanked in the line that is shown", () => {
    const text = topology.replace(
      'labels: { store: "{site.store}" }',
      'labels: { store: "{site.store}" }, api: "{site.api}"',
    );
    const source = fleet("name,store,api\nshop-1,s-1,hunter2:secret@nowhere\nshop-2,s-2,\n", text);
    const { findings } = checkSource(source);
    expect(findings.map(({ rule }) => rule)).toContain("plain-secret");
    expect(JSON.stringify(findings.map(({ what, excerpt }) => [what, excerpt]))).not.toContain("hunter2");
  });
});

describe("the values of a row", () => {
  const columns = (types: string, setting: string) =>
    topology
      .replace("    table: shops.csv\n", `    table: shops.csv\n    columns: ${types}\n`)
      .replace('labels: { store: "{site.store}" }', `labels: { store: "{site.store}" }, ${setting}`);

  test("have the types of their columns, and an empty one leaves the setting out", () => {
    const source = fleet(
      "name,store,replicas\nshop-1,s-1,3\nshop-2,s-2,\n",
      columns("{ replicas: number }", 'readyTimeout: "{site.replicas}"'),
    );
    const { plan } = checkSource(source);
    expect(["shop-1", "shop-2"].map((name) => plan?.peers.get(name)?.settings.readyTimeout)).toEqual([3, 900]);
  });

  test("are refused where they are of another type than their column, each on its line", () => {
    const text = columns("{ replicas: number }", 'readyTimeout: "{site.replicas}"');
    expect(found(fleet("name,store,replicas\nshop-1,s-1,three\nshop-2,s-2,03\n", text))).toEqual([
      'shops.csv:2 site-table "three" is not a number',
      'shops.csv:3 site-table "03" is not a number',
    ]);
  });

  test("stand in the file as YAML, too", () => {
    const source = sourceOf({
      "fleet.yaml": topology.replace("shops.csv", "shops.yaml"),
      "shops.yaml": "- { name: shop-1, store: 17 }\n- { name: shop-2, store: '17' }\n",
    });
    const { plan } = checkSource(source);
    const queries = ["shop-1", "shop-2"].map(
      (name) => plan?.replications.get("stock")?.sides.find(({ peer }) => peer === name)?.subscribes.stock?.[1],
    );
    expect(queries).toEqual(["storeId = 17", "storeId = '17'"]);
  });

  test.each([
    ["a row with a value too few", "name,store\nshop-1\n", "shops.csv:2 site-table has 1 values for 2 columns"],
    ["a column that is there twice", "name,store,store\n", 'shops.csv:1 site-table the column "store" appears twice'],
    [
      "a quote that is not closed",
      'name,store\n"shop-1,s-1\n',
      "shops.csv:2 site-table is not valid CSV: Quote Not Closed",
    ],
    ["no line at all", "", "shops.csv:1 site-table is empty"],
    [
      "more lines than any fleet has",
      `name,store\n${"a,b\n".repeat(20_001)}`,
      "shops.csv:1 unreadable has more than 20000 lines",
    ],
    ["a placeholder in a cell", "name,store\nshop-1,{spoke.name}\n", "shops.csv:2 site-table "],
  ])("%s is refused", (_, table, expected) => {
    expect(found(fleet(table)).join("\n")).toContain(expected);
  });

  test("are found whatever stands around them: comments, blank lines, quotes, line ends of Windows, a byte order mark", () => {
    const table =
      '\uFEFF# of the south\r\nname,store\r\n\r\n"shop-1", "s,1" \r\n# closed: shop-9\r\nBad_name,"a ""b"""\r\n';
    const source = fleet(table);
    const { plan, findings } = checkSource(source);
    expect(plan).toBeUndefined();
    expect(findings.map(({ rule, location }) => `${rule} ${location?.line}:${location?.column}`)).toContain(
      "name-not-dns 6:1",
    );
  });
});

test("a topology without any of this is read as it is", () => {
  const text = topology
    .replace(/defaults:[\s\S]*?clusters:\n/, "clusters:\n")
    .replace(/sites:[\s\S]*?apps:\n/, "apps:\n");
  const plain = text.replace(", labels: { tier: hub }", ", version: 1.63.2").replace(/, \{ labels.*?\} \}\]/, "]");
  const source = sourceOf({ "t.yaml": plain.replace(/replications:[\s\S]*/, "") });
  expect(source.writtenOut).toBe(true);
  expect(source.asOneFile()).toBe(source.text);
});

test("a mistake in a template is printed once, with the number of entries that it makes", () => {
  const { findings } = checkSource(
    fleet(shops, topology.replace('"{site.name}": { cluster:', '"{site.name}": { namespace: Not_DNS, cluster:')),
  );
  const text = formatFindings(findings);
  expect(text.match(/name-not-dns/g)).toHaveLength(1);
  expect(text).toContain("also: the same mistake in 1 more entry that this line creates");
});
