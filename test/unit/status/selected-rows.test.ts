import { expect, test } from "vitest";
import { statusOf } from "../../../status/report.ts";
import { selectedRows } from "../../../status/selected-rows.ts";
import type { Observation } from "../../../status/status-row.ts";
import { planText } from "../../../topology/check.ts";
import { type Selection, selectedIn } from "../../../topology/selection/selection.ts";

const { plan } = planText(`
environment: development
clusters:
  centre: { ingress: { host: hub.example.com, ports: 4040-4139 } }
  edge: { inbound: none, labels: { tier: shop } }
peers:
  hub: { cluster: centre, version: 1.63.2 }
  depot: { cluster: centre, version: 1.63.2 }
  shop: { cluster: edge, version: 1.63.2 }
apps:
  shop: { id: 0b5a2b0e-8a4f-4a0e-9f43-6d1f0a3f7c11, peers: [hub, depot, shop] }
replications:
  menus: { app: shop, hub: hub, spokes: [shop], down: { menus: "true" } }
  stock: { app: shop, between: [depot, hub], queries: { stock: "true" } }
`);
const nothing: Observation = {
  deployed: () => ({ object: undefined }),
  leftovers: () => [
    { cluster: "edge", apiVersion: "v1", kind: "Secret", namespace: "ditto", name: "old", role: "object" },
  ],
  live: undefined,
  caExpiry: new Map(),
};

function rows(selection: Selection): string[] {
  const shown = selectedRows(plan, statusOf(plan, nothing), selectedIn(plan, selection));
  return [
    ...new Set(shown.map(({ source, ref, exposure }) => `${source} ${exposure?.peer ?? ref.name} in ${ref.cluster}`)),
  ].sort();
}

test("of a peer, status shows its own objects and what exposes it, and nothing of its neighbours", () => {
  expect(rows({ peer: ["hub"] })).toEqual([
    "apps.shop shop-hub in centre",
    "peers.hub hub in centre",
    "peers.hub hub-trusts-depot in centre",
    "peers.hub hub-trusts-shop in centre",
    "replications.menus hub in centre",
    "replications.menus menus-hub in centre",
    "replications.stock stock-hub in centre",
  ]);
});

test("of a replication, both sides, and of its peers no other replication", () => {
  expect(rows({ replication: ["stock"] }).filter((row) => row.startsWith("replications."))).toEqual([
    "replications.stock stock-depot in centre",
    "replications.stock stock-hub in centre",
  ]);
});

test("of a label, what its clusters have, with what nobody declares any more", () => {
  expect(rows({ label: ["tier=shop"] })).toEqual([
    "apps.shop shop-shop in edge",
    "not declared old in edge",
    "peers.shop shop in edge",
    "peers.shop shop-trusts-hub in edge",
    "replications.menus menus-shop in edge",
  ]);
});

test("without a selection, all of it", () => {
  expect(rows({})).toHaveLength(new Set([...rows({ cluster: ["centre"] }), ...rows({ cluster: ["edge"] })]).size);
});
