import { describe, expect, test } from "vitest";
import { checkSource, planText } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";
import { firewallRules } from "../../../../topology/firewall/firewall-rules.ts";
import { clusterManifests } from "../../../../topology/objects/cluster-manifests.ts";

const topology = (address: { replication?: string; peer?: string }) => `environment: development
clusters: { east: {}, west: {} }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2${address.peer ? `, address: ${address.peer}` : ""} }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  cars: { app: cars, between: [bp1, bp2], queries: { cars: "true" }${address.replication ? `, address: ${address.replication}` : ""} }
`;
const dialled = (text: string) =>
  clusterManifests(planText(text).plan, "east").flatMap(({ manifest }) =>
    manifest.kind === "BigPeerReplication" ? [Reflect.get(Object(manifest.spec), "connections")] : [],
  );
const open = (text: string) =>
  planText(text).plan.exposures.map(
    ({ id, host, port, dialled: isDialled }) => `${id} ${host}:${port}${isDialled ? " dialled" : ""}`,
  );

describe("of several addresses of a target", () => {
  const two = topology({ replication: "[lb-1.example.com:4100, lb-2.example.com:4200]" });

  test.each([
    ["of the replication", two],
    ["of each target by peer", topology({ replication: "{ bp2: [lb-1.example.com:4100, lb-2.example.com:4200] }" })],
  ])("%s, the first is dialled and the others are open beside it", (_, text) => {
    expect(dialled(text)).toEqual([["lb-1.example.com:4100"]]);
    expect(open(text)).toEqual([
      "west/cars/bp2 lb-1.example.com:4100 dialled",
      "west/cars/bp2/address-2 lb-2.example.com:4200",
    ]);
  });

  test("of a peer, each has the replication's port", () => {
    const text = topology({ peer: "[lb-1.example.com, lb-2.example.com]" });
    expect(dialled(text)).toEqual([["lb-1.example.com:4040"]]);
    expect(open(text)[1]).toBe("west/cars/bp2/address-2 lb-2.example.com:4040");
  });

  test("the first one is what a single one is: a second that is added moves nothing", () => {
    const one = topology({ replication: "lb-1.example.com:4100" });
    expect(planText(two).plan.exposures[0]).toEqual(planText(one).plan.exposures[0]);
    expect(dialled(two)).toEqual(dialled(one));
  });

  test("a firewall has to let all of them through, in both directions", () => {
    const rules = firewallRules(planText(two).plan).filter(({ scope }) => scope === "network");
    expect(rules.map(({ cluster, direction, to, dialled: now }) => [cluster, direction, to.host, now])).toEqual([
      ["east", "egress", "lb-1.example.com", true],
      ["east", "egress", "lb-2.example.com", false],
      ["west", "ingress", "lb-1.example.com", true],
      ["west", "ingress", "lb-2.example.com", false],
    ]);
  });

  test("one that is there twice is refused, and so is an empty list", () => {
    const rules = (address: string) =>
      checkSource(parseSource("t.yaml", topology({ replication: address }))).findings.map(({ rule }) => rule);
    expect(rules("[lb-1.example.com:4100, lb-1.example.com:4100]")).toContain("port-clash");
    expect(rules("[]")).not.toEqual([]);
    expect(rules("[lb-1.example.com]")).not.toEqual([]);
  });
});
