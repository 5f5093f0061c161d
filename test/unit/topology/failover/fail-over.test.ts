import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { failoverCommand, riskLines } from "../../../../cli/commands/failover.ts";
import { checkSource, planText } from "../../../../topology/check.ts";
import { diffTopologies } from "../../../../topology/diff/compare.ts";
import { FailoverError, failOver, StandbyLacks } from "../../../../topology/failover/fail-over.ts";
import { parseSource, readSource, type Source } from "../../../../topology/file/source.ts";
import type { Plan } from "../../../../topology/plan/plan.ts";

const topology = `# Two hubs, three shops.
environment: development

# where
clusters:
  one: { ingress: { host: one.example.com, ports: 4040-4139 } }
  two: { ingress: { host: two.example.com, ports: 5040-5139 } }
  edge: { inbound: none } # all shops
peers:
  hub-1: { cluster: one, version: 1.63.2 }
  hub-2: { cluster: two, version: 1.63.2 }
  shop-1: { cluster: edge, version: 1.63.2 }
  shop-2: { cluster: edge, version: 1.63.2 }
apps:
  shop: { id: 0b5a2b0e-8a4f-4a0e-9f43-6d1f0a3f7c11, peers: [hub-1, hub-2, shop-1, shop-2] }
replications:
  menus: { app: shop, hub: hub-1, spokes: [shop-1, shop-2], port: 4077, down: { menus: ["published = true"] } }
  orders: { app: shop, hub: hub-1, spokes: [shop-1, shop-2], up: { orders: ["state = 'paid'"] } } # money
  standby: { app: shop, between: [hub-2, hub-1], queries: { menus: ["published = true"] } }
`;
const at = (text: string) => parseSource("topology.yaml", text);
const textOf = (source: Source, failed: string, standby: string, back = false) =>
  failOver(source, failed, standby, back).texts.get(source.file) ?? "";
/** `<initiator> <address>` of every connection of a replication. */
const dialled = ({ replications }: Plan, name: string) =>
  (replications.get(name)?.sides ?? []).flatMap(({ peer, connections }) =>
    connections.map(({ address }) => `${peer} ${"address" in address ? address.address : address.kind}`),
  );

describe("a failover", () => {
  test("is one line, by which every spoke dials the standby, and back leaves the file as it was", () => {
    const text = textOf(at(topology), "hub-1", "hub-2");
    expect(text).toBe(topology.replace("\n\n# where", "\nfailover: { hub-1: hub-2 }\n\n# where"));
    expect(textOf(at(text), "hub-1", "hub-2", true)).toBe(topology);
    const { plan } = planText(text);
    expect(dialled(plan, "orders")).toEqual([
      expect.stringMatching(/^shop-1 two\.example\.com:5\d+$/),
      expect.stringMatching(/^shop-2 two\.example\.com:5\d+$/),
    ]);
    expect(plan.replications.get("orders")?.sides[0]).toMatchObject({
      peer: "hub-2",
      subscribes: { orders: ["state = 'paid'"] },
    });
    expect(plan.peers.get("shop-1")?.trusts.map(({ peer }) => peer)).toEqual(["hub-2"]);
  });

  test("gives the hub its own ports back, those that are pinned and those that are not", () => {
    const there = textOf(at(topology), "hub-1", "hub-2");
    const again = textOf(at(there), "hub-1", "hub-2", true);
    expect(planText(again).plan.exposures).toEqual(planText(topology).plan.exposures);
    // The pinned number is that of the hub's controller.
    expect(planText(there).plan.exposures.find(({ replication }) => replication === "menus")?.port).not.toBe(4077);
  });

  test("leaves what links the two as it is", () => {
    const { plan } = planText(textOf(at(topology), "hub-1", "hub-2"));
    expect(dialled(plan, "standby")).toEqual(dialled(planText(topology).plan, "standby"));
  });

  test("swaps the two where the standby is a spoke of the hub", () => {
    const spoke = topology.replaceAll("spokes: [shop-1, shop-2]", "spokes: [shop-1, hub-2, shop-2]");
    const text = textOf(at(spoke), "hub-1", "hub-2");
    const { plan } = planText(text);
    expect(plan.replications.get("orders")?.sides.map(({ peer }) => peer)).toEqual([
      "hub-2",
      "shop-1",
      "hub-1",
      "shop-2",
    ]);
    expect(textOf(at(text), "hub-1", "hub-2", true)).toBe(spoke);
  });

  test("works where the cluster of the hub is lost, before or after it is marked so", () => {
    const lost = (text: string) => text.replace("ports: 4040-4139 } }", "ports: 4040-4139 }, lost: true }");
    const text = textOf(at(lost(topology)), "hub-1", "hub-2");
    expect(text).toBe(lost(textOf(at(topology), "hub-1", "hub-2")));
    const { plan } = planText(text);
    expect([...plan.replications.keys()]).toEqual(["menus", "orders"]);
    expect(dialled(plan, "orders")).toHaveLength(2);
    expect(() => failOver(at(lost(topology)), "hub-2", "hub-1")).toThrow(StandbyLacks);
  });

  test("says what the standby lacks, and changes nothing: an app, a way to dial it, the other peer's standby", () => {
    const lacks = (text: string) => {
      try {
        failOver(at(text), "hub-1", "hub-2");
        return [];
      } catch (error) {
        return error instanceof StandbyLacks ? error.findings.map(({ rule }) => rule) : [error];
      }
    };
    const alone = topology.replace(/ {2}standby: .*\n/, "");
    expect(lacks(alone.replace("hub-1, hub-2, shop-1", "hub-1, shop-1"))).toEqual(["app-not-served", "app-not-served"]);
    expect(
      lacks(alone.replace("two: { ingress: { host: two.example.com, ports: 5040-5139 } }", "two: { inbound: none }")),
    ).toContain("unreachable-pair");
    expect(lacks(alone.replace("# where", "failover: { hub-2: shop-1 }\n# where"))).toContain("failover-standby");
  });

  test.each([
    [["hub-1", "hub-3"], 'the topology has no peer "hub-3"; did you mean "hub-1"?'],
    [["hub-1", "hub-1"], "a peer cannot stand in for itself; name another one"],
  ])("of %j is refused", ([failed = "", standby = ""], reason) => {
    expect(() => failOver(at(topology), failed, standby)).toThrow(new FailoverError(reason));
  });

  test("is one line for a whole fleet that is made of templates and tables, too", () => {
    const fleet = readSource("topologies/fleet.yaml");
    const before = checkSource(fleet).plan;
    const { texts, after } = failOver(fleet, "hub-eu-1", "hub-eu-2");
    expect([...texts.keys()]).toEqual([fleet.file]);
    const spokes =
      before?.replications
        .get("stock-eu-1")
        ?.sides.slice(1)
        .map(({ peer }) => peer) ?? [];
    expect(spokes.length).toBeGreaterThan(5);
    expect(after.replications.get("stock-eu-1")?.links).toEqual(
      spokes.map((initiator) => ({ initiator, target: "hub-eu-2" })),
    );
    const back = failOver(fleet.withTexts(texts), "hub-eu-1", "hub-eu-2", true);
    expect(back.texts.get(fleet.file)).toBe(fleet.text);
  });

  test("is told by a diff as who dials whom", () => {
    const side = (text: string) => ({ name: "t.yaml", ...checkSource(at(text)) });
    const there = textOf(at(topology), "hub-1", "hub-2");
    const diff = diffTopologies(side(topology), side(there));
    expect(diff.consequences[0]).toBe(
      "hub-2 takes the place of hub-1 in menus, orders: shop-1, shop-2 dial it instead of hub-1.",
    );
    expect(diff.settings).toMatchObject([{ path: "failover", after: ["hub-2 in place of hub-1"] }]);
    expect(diffTopologies(side(there), side(topology)).consequences[0]).toBe(
      "hub-1 takes its place back from hub-2 in menus, orders: shop-1, shop-2 dial it instead of hub-2.",
    );
  });
});

test("what the standby may lack is told query by query: what it pulled, and what nothing brought to it", () => {
  const { atRisk } = failOver(at(topology), "hub-1", "hub-2");
  expect(riskLines(atRisk, "hub-1", "hub-2")).toEqual([
    "documents that hub-2 may lack:",
    "  - menus (app shop), published = true: hub-2 pulled them from hub-1; the last ones may be missing",
    "  - orders (app shop), state = 'paid': nothing brought them to hub-2, so what only hub-1 held is not there; hub-2 also gets what shop-1, shop-2 still hold, where it subscribes to it",
  ]);
  const paused = topology.replace('"published = true"] } }\n', '"published = true"] }, paused: true }\n');
  const halted = failOver(at(paused.replace("standby: { app", "standby: { paused: true, app")), "hub-1", "hub-2");
  expect(halted.atRisk.every(({ missing }) => missing === "none")).toBe(true);
});

test("the command writes the file and says what it changed and what comes next; with a standby that lacks something it writes nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "failover-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "topology.yaml");
  writeFileSync(file, topology);
  const said = vi.spyOn(console, "log").mockImplementation(() => {});
  onTestFinished(() => said.mockRestore());
  expect(await failoverCommand("hub-1", "hub-2", file, {})).toBe(0);
  expect(readFileSync(file, "utf8")).toContain("failover: { hub-1: hub-2 }\n");
  expect(said.mock.calls.flat().join("\n")).toMatch(
    /takes the place of hub-1 in menus, orders[\s\S]*documents that hub-2 may lack:[\s\S]*next: deploy it[\s\S]*next: once hub-1 is healthy again: npx bigpeer failover hub-1 hub-2 .* --back$/,
  );
  expect(await failoverCommand("hub-1", "hub-2", file, { back: true })).toBe(0);
  expect(readFileSync(file, "utf8")).toBe(topology);
  const lacking = topology.replace(/ {2}standby: .*\n/, "").replace("hub-1, hub-2, shop-1", "hub-1, shop-1");
  writeFileSync(file, lacking);
  expect(await failoverCommand("hub-1", "hub-2", file, {})).toBe(1);
  expect(said.mock.calls.flat().at(-1)).toMatch(
    /app-not-served[\s\S]*nothing was written: with hub-2 in place of hub-1/,
  );
  expect(readFileSync(file, "utf8")).toBe(lacking);
});
