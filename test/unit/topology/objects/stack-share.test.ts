import { beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { planText } from "../../../../topology/check.ts";
import { readSource } from "../../../../topology/file/source.ts";
import { shareFingerprint } from "../../../../topology/objects/stack-share.ts";
import type { Plan } from "../../../../topology/plan/plan.ts";

const topology = `
environment: production
clusters:
  hub: { stack: hub, ingress: { host: hub.example.com } }
  north: { stack: north, inbound: none }
  south: { stack: south, inbound: none }
peers:
  hub: { cluster: hub, version: 1.63.2 }
  north: { cluster: north, version: 1.63.2 }
  south: { cluster: south, version: 1.63.2 }
apps:
  shop: { peers: [hub, north, south] }
replications:
  orders: { app: shop, hub: hub, spokes: [north, south], up: { orders: "paid = true" } }
`;

/** The clusters, each a stack of its own, whose fingerprint an edit changes. */
function changed(edited: string, generated: readonly string[] = ["shop"]): string[] {
  const [before, after] = [planText(topology).plan, planText(edited).plan];
  const of = (plan: Plan, cluster: string) => shareFingerprint(plan, new Set([cluster]), generated);
  return [...before.clusters.keys()].filter((cluster) => of(before, cluster) !== of(after, cluster));
}

test.each([
  [
    "the version of a peer",
    "north: { cluster: north, version: 1.63.2 }",
    "north: { cluster: north, version: 1.64.0 }",
    ["north"],
  ],
  ["a query that the hub subscribes to", "paid = true", "paid = false", ["hub"]],
  [
    "how long a former CA is trusted",
    "north: { cluster: north, ",
    "north: { cluster: north, keepFormerCa: 3d, ",
    ["hub", "north"],
  ],
  [
    "whether an app may be recreated",
    "environment: production",
    "allowReplace: [apps.shop]\nenvironment: production",
    ["hub", "north", "south"],
  ],
  [
    "whether a peer may be deleted",
    "environment: production",
    "confirmRemoval: [south]\nenvironment: production",
    ["south"],
  ],
  [
    "what may be taken over of a peer",
    "south: { cluster: south, ",
    "south: { cluster: south, adopt: true, ",
    ["south"],
  ],
  ["the context of a cluster", "north: { stack: north, ", "north: { stack: north, context: elsewhere, ", ["north"]],
  ["a port that spokes dial", "orders: { ", "orders: { port: 4040, ", ["hub", "north", "south"]],
  ["which stack a cluster belongs to", "south: { stack: south, ", "south: { stack: others, ", []],
  ["a comment", "environment:", "# Shops\nenvironment:", []],
])("%s changes the share of those whom it concerns", (_, from, to, concerned) => {
  expect(topology).toContain(from);
  expect(changed(topology.replace(from, to))).toEqual(concerned);
});

test("another site changes the share of its hub alone", () => {
  const more = topology
    .replace("peers:\n", "  west: { stack: west, inbound: none }\npeers:\n")
    .replace("apps:\n", "  west: { cluster: west, version: 1.63.2 }\napps:\n")
    .replace("[hub, north, south]", "[hub, north, south, west]")
    .replace("[north, south]", "[north, south, west]");
  expect(changed(more)).toEqual(["hub"]);
});

test("an app that a stack generates the ID of is of its share, wherever the app's peers are", () => {
  const gone = `allowReplace: [apps.shop]${topology}`;
  const of = (text: string, generated: string[]) =>
    shareFingerprint(planText(text).plan, new Set(["nowhere"]), generated);
  expect(of(topology, [])).toBe(of(gone, []));
  expect(of(topology, ["shop"])).not.toBe(of(topology, []));
});

test("a share with a secret in plain text has no fingerprint, against which its secret could be guessed", () => {
  const plain = topology
    .replace("production", "development")
    .replace(
      "shop: { peers: [hub, north, south] }",
      "# bigpeer-ignore plain-secret: a test\n  shop: { peers: [hub, north, south], auth: { playground: { token: open-sesame-now } } }",
    );
  expect(shareFingerprint(planText(plain).plan, new Set(["north"]), [])).toBeUndefined();
});

let fleet: string;
beforeAll(() => {
  fleet = readSource("topologies/fleet.yaml").asOneFile();
});

test("one changed shop among 200 is of no other shop's share", () => {
  const edited = parse(fleet);
  edited.peers["shop-berlin"].version = "1.64.0";
  const [before, after] = [planText(fleet).plan, planText(stringify(edited)).plan];
  const of = (plan: Plan) =>
    new Map([...plan.clusters.keys()].map((name) => [name, shareFingerprint(plan, new Set([name]), [])]));
  const [was, is] = [of(before), of(after)];
  expect(was.size).toBe(212);
  expect(new Set(was.values()).size).toBe(212);
  expect([...was.keys()].filter((name) => was.get(name) !== is.get(name))).toEqual(["shop-berlin"]);
});
