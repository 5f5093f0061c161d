import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { checkSource, loadPlan, planText } from "../../../../topology/check.ts";
import { diffTopologies } from "../../../../topology/diff/compare.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { type Choice, chosenOf, statesIn } from "../../../../topology/page/browser/choice.ts";
import { pageHtml } from "../../../../topology/page/html.ts";
import type { PageData, StateSource } from "../../../../topology/page/page-data.ts";
import { pageOf } from "../../../../topology/page/page-of-plan.ts";
import { type States, statesOf } from "../../../../topology/page/states.ts";
import type { Plan } from "../../../../topology/plan/plan.ts";
import { manyReplications, twelveClusters } from "../../../support/large-topologies.ts";

const twoClusters = readFileSync("topologies/two-clusters.yaml", "utf8");
const dev = readFileSync("topologies/dev.yaml", "utf8");
const fleet = () => loadPlan("topologies/fleet.yaml").plan;

const page = (plan: Plan, states: ReadonlyMap<StateSource, States> = new Map(), groupBy?: string) =>
  pageOf(plan, { title: "a title", groupBy, apps: [], peers: [], states });

const textsOf = (data: PageData, id: string) => {
  const found = [...data.peers, ...data.links].find((each) => each.id === id);
  return Object.fromEntries((found?.sections ?? []).map(({ title, items }) => [title, items.map(({ text }) => text)]));
};

describe("the data of a page", () => {
  test("tells of a peer its objects, apps, ports, links and whom it trusts", async () => {
    const data = await page(planText(twoClusters).plan);
    const bp2 = textsOf(data, "bp2");
    expect(bp2.Objects).toEqual([
      "BigPeer ditto/bp2",
      "BigPeerApp ditto/cars-bp2",
      "BigPeerReplication ditto/blue-cars-bp2",
      "BigPeerReplication ditto/red-cars-bp2",
    ]);
    expect(bp2.Links).toEqual(["blue-cars: bp1 dials it", "red-cars: dials bp1"]);
    expect(bp2.Ports?.[0]).toBe("address of the load balancer:4117 for blue-cars, by ingressNginx");
    expect(bp2.Trusts?.[0]).toMatch(/^bp1, by Secret ditto\//);
  });

  test("tells of a link who dials which address, the queries of both directions, and the trust", async () => {
    const data = await page(planText(twoClusters).plan);
    const blue = textsOf(data, "blue-cars/bp1/bp2");
    expect(blue.Connection?.slice(0, 2)).toEqual(["bp1 dials bp2", "at the load balancer of west, port 4117"]);
    expect(blue["Documents from bp1 to bp2"]).toEqual(["cars: color = 'blue'"]);
    expect(blue["Documents from bp2 to bp1"]).toEqual(["cars: color = 'blue'"]);
    expect(blue.Trust).toHaveLength(2);
    const red = data.links.find(({ replication }) => replication === "red-cars");
    expect([red?.initiator, red?.outward, red?.inward]).toEqual(["bp2", false, true]);
  });

  test("has every peer once, and no two at one place, however large the topology", async () => {
    for (const plan of [fleet(), planText(manyReplications(200, 400)).plan, planText(twelveClusters()).plan]) {
      const { peers, links } = await page(plan, new Map(), "region");
      expect(peers.map(({ id }) => id)).toEqual([...plan.peers.keys()]);
      expect(links).toHaveLength([...plan.replications.values()].reduce((sum, each) => sum + each.links.length, 0));
      for (const [index, one] of peers.entries())
        for (const other of peers.slice(index + 1))
          if (Math.abs(one.x - other.x) < 160 && Math.abs(one.y - other.y) < 44)
            throw new Error(`${one.id} lies on ${other.id}`);
    }
  });

  test("has a cluster without a peer, in its region and at a place of its own, and not on a page of some apps", async () => {
    const text = twoClusters.replace(
      "clusters:\n",
      "clusters:\n  north: { labels: { region: eu }, ingress: { host: bp.north.example.com } }\n",
    );
    const { plan } = planText(text);
    const { emptyClusters, regions, peers } = await page(plan, new Map(), "region");
    expect(emptyClusters).toEqual([
      expect.objectContaining({ id: "cluster north", name: "north", parent: "region eu", labels: ["region=eu"] }),
    ]);
    expect(regions.map(({ id }) => id)).toContain(emptyClusters[0]?.parent);
    expect(emptyClusters[0]?.sections.flatMap(({ items }) => items.map((item) => item.text))).toEqual([
      "no peer of the topology runs in it",
      "context north, namespace ditto",
      "ingressNginx",
    ]);
    const at = ({ x, y }: { x: number; y: number }) => `${x} ${y}`;
    expect(peers.map(at)).not.toContain(emptyClusters.map(at)[0]);
    const narrowed = await pageOf(plan, {
      title: "",
      groupBy: undefined,
      apps: ["cars"],
      peers: [],
      states: new Map(),
    });
    expect(narrowed.emptyClusters).toEqual([]);
  });

  test("can be narrowed to apps and peers", async () => {
    const { plan } = planText(twelveClusters());
    const options = { title: "", groupBy: undefined, states: new Map() };
    const one = await pageOf(plan, { ...options, apps: ["stock"], peers: ["bp-asia-depot"] });
    expect([one.peers.map(({ id }) => id), one.links.map(({ id }) => id)]).toEqual([
      ["bp-asia-dc-1", "bp-asia-depot"],
      ["stock-asia/bp-asia-depot/bp-asia-dc-1"],
    ]);
  });
});

describe("the states of", () => {
  const { plan } = planText(twoClusters);
  const stateIn = (states: States, id: string) => (states.peers.get(id) ?? states.links.get(id))?.state;

  test("a status: what has a problem, with its reason and fix, and the links on that side", () => {
    const row = (kind: string, name: string, problems: object[], live = "yes") => ({
      source: "x",
      ref: {
        cluster: name.endsWith("bp1") ? "east" : "west",
        apiVersion: "v1",
        kind,
        namespace: "ditto",
        name,
        role: "object",
      },
      deployed: "yes",
      live,
      problems,
    });
    const rows = [
      row("BigPeer", "bp1", []),
      row("BigPeer", "bp2", []),
      row("BigPeerReplication", "blue-cars-bp2", [{ what: "is gone from the cluster", mend: "pulumi up --refresh" }]),
      row("BigPeerReplication", "red-cars-bp1", [{ what: "cannot be read", mend: "kubectl get" }], "unknown"),
    ];
    const states = statesOf("status", plan, { version: 1, rows, pending: [] });
    expect(["bp1", "bp2"].map((id) => stateIn(states, id))).toEqual(["unknown", "problem"]);
    expect(stateIn(states, "blue-cars/bp1/bp2")).toBe("problem");
    expect(states.peers.get("bp2")?.lines).toEqual([
      "BigPeerReplication ditto/blue-cars-bp2 is gone from the cluster; fix: pulumi up --refresh",
    ]);
  });

  test("a verify: links whose documents arrive, and those where one did not", () => {
    const result = (replication: string, from: string, to: string, passed: boolean) => ({
      probe: { replication, app: "cars", from, to, collection: "cars", expected: "arrives", reason: "" },
      passed,
      milliseconds: 12,
      message: passed ? "arrived" : "did not arrive within 20000 ms",
    });
    const results = [
      result("blue-cars", "bp1", "bp2", true),
      result("blue-cars", "bp2", "bp1", false),
      result("red-cars", "bp1", "bp2", true),
    ];
    const states = statesOf("verify", plan, { version: 1, passed: false, results, trust: [] });
    expect(["blue-cars/bp1/bp2", "red-cars/bp2/bp1", "bp1"].map((id) => stateIn(states, id))).toEqual([
      "problem",
      "ok",
      "problem",
    ]);
    expect(states.links.get("red-cars/bp2/bp1")?.lines).toEqual(["cars from bp1 to bp2: arrived (12 ms)"]);
  });

  test("a diff: what comes, goes, changes and breaks; what is gone is on the page, too", async () => {
    const sides = [twoClusters, twoClusters.replaceAll("1.63.2", "1.64.0").replace(/^ {2}red-cars:.*\n/m, "")].map(
      (text, index) => ({ name: String(index), ...checkSource(parseSource("topology.yaml", text)) }),
    );
    const [base, head] = sides;
    if (!base || !head?.plan) throw new Error("two topologies have two plans");
    const states = statesOf("diff", head.plan, JSON.parse(JSON.stringify(diffTopologies(base, head))));
    expect(["bp1", "blue-cars/bp1/bp2"].map((id) => stateIn(states, id))).toEqual(["changed", "breaks"]);
    expect(states.peers.get("bp1")?.lines).toContain("version: 1.63.2 -> 1.64.0");
    const data = await page(head.plan, new Map([["diff", states]]));
    const gone = data.links.find(({ id }) => id === "red-cars/bp2/bp1");
    expect(gone?.states.diff?.state).toBe("removed");
    expect(statesIn(data)).toEqual(["diff: breaks", "diff: changed", "diff: removed"]);
  });
});

describe("the filters", () => {
  const none: Choice = { text: "", app: "", collection: "", peer: "", label: "", state: "" };
  const chosen = async (choice: Partial<Choice>) => {
    const { peers, links } = chosenOf(await page(fleet(), new Map(), "region"), { ...none, ...choice });
    return [peers.size, links.size];
  };

  test("leave everything where nothing is asked for", async () => {
    expect(await chosen({})).toEqual([212, 266]);
  });

  test("by text find names, queries and addresses, and each word of several", async () => {
    expect(await chosen({ text: "shop-amsterdam" })).toEqual([1, 1]);
    expect(await chosen({ text: "SHOP-amsterdam stock-eu-1" })).toEqual([1, 1]);
    expect((await chosen({ text: "storeid = 'eu-001'" }))[1]).toBe(1);
    expect((await chosen({ text: "hub-eu-1.example.com" }))[1]).toBeGreaterThan(10);
    expect(await chosen({ text: "no such thing" })).toEqual([0, 0]);
  });

  test("by collection, label and peer", async () => {
    expect((await chosen({ collection: "sales" }))[1]).toBe(200);
    expect((await chosen({ label: "tier=hub" }))[0]).toBe(12);
    expect(await chosen({ peer: "shop-amsterdam" })).toEqual([1, 1]);
    expect(await chosen({ label: "region=asia", peer: "shop-amsterdam" })).toEqual([0, 0]);
  });
});

describe("the file", () => {
  test("asks the network for nothing, and has the licence of the library in it", async () => {
    const html = pageHtml(await page(planText(dev).plan));
    expect(html).toContain("default-src 'none'");
    // The policy of the page keeps the library from it, too; a test in a browser sees that it asks for nothing.
    const ours = html.replace(/<script type="text\/plain" id="library">[\s\S]*?<\/script>/, "");
    expect(ours.length).toBeLessThan(html.length / 4);
    expect(ours).not.toMatch(
      /<(?:link|img|iframe|object|embed)\b|\b(?:src|href)=|@import|url\(|XMLHttpRequest|\bfetch\(|https?:/,
    );
    expect(html).toContain("The Cytoscape Consortium");
    expect(html).toContain("Permission is hereby granted");
    expect(html).not.toMatch(/^(?:import|export) /m);
  });

  test("keeps the text of a query and of a title a text", async () => {
    const nasty = dev.replace("color = 'blue'", "color = '</script><b>&'");
    const html = pageHtml({ ...(await page(planText(nasty).plan)), title: "</title><b>" });
    expect(html).not.toContain("</script><b>");
    expect(html).not.toContain("</title><b>");
    expect(html.match(/<\/script>/g)).toHaveLength(4);
  });
});

describe("bigpeer graph --format html", () => {
  const directory = mkdtempSync(join(tmpdir(), "bigpeer-page-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  const graph = (...args: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((done) => {
      const options = { maxBuffer: 1 << 24 };
      const child = execFile(process.execPath, ["cli/bigpeer.js", "graph", ...args], options, (_error, out, err) =>
        done({ code: child.exitCode ?? -1, out, err }),
      );
    });

  test("writes a page, also by the name of the file, and says nothing else", async () => {
    const file = join(directory, "page.html");
    expect(await graph("topologies/dev.yaml", "-o", file)).toEqual({ code: 0, out: "", err: "" });
    const { code, out } = await graph("topologies/dev.yaml", "--format", "html");
    expect([code, out]).toEqual([0, readFileSync(file, "utf8")]);
  });

  test("refuses a file that another command has written, and states for a picture", async () => {
    const file = join(directory, "other.json");
    writeFileSync(file, "{}");
    const { code, err } = await graph("topologies/dev.yaml", "--format", "html", "--verify", file);
    expect([code, err]).toEqual([2, expect.stringContaining("does not have what `bigpeer verify --json` prints")]);
    const missing = await graph("topologies/dev.yaml", "--format", "html", "--status", join(directory, "no.json"));
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining("ENOENT")]);
    const picture = await graph("topologies/dev.yaml", "--diff", file);
    expect([picture.code, picture.err]).toEqual([2, expect.stringContaining("write it with --format html")]);
  });
});
