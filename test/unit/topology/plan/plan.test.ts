import { describe, expect, test } from "vitest";
import { loadPlan, planText } from "../../../../topology/check.ts";
import { blueCars } from "../../../support/blue-cars.ts";

const twoClusters = blueCars(`  east: { ingress: { host: bp.east.example.com, ports: 4040-4139 } }
  west: { ingress: { ports: 4040-4139 } }`);

const side = (text: string, replication: string, peer: string) =>
  planText(text)
    .plan.replications.get(replication)
    ?.sides.find((each) => each.peer === peer);

describe("the guide's example", () => {
  const { plan } = loadPlan("topologies/dev.yaml");

  test("dials the Service that the operator makes for the other side", () => {
    const sides = plan.replications.get("blue-cars")?.sides;
    expect(sides?.map(({ name, connections }) => [name, connections.map(({ address }) => address)])).toEqual([
      [
        "blue-cars-bp1",
        [{ kind: "in-cluster", address: "ditto-bp2-replication-blue-cars-bp2.ditto.svc.cluster.local:4040" }],
      ],
      ["blue-cars-bp2", []],
    ]);
  });

  test("lets both sides of a bidirectional replication subscribe, and only the receiver of a one-way one", () => {
    const subscriptions = (name: string) => plan.replications.get(name)?.sides.map(({ subscribes }) => subscribes);
    expect(subscriptions("blue-cars")).toEqual([{ cars: ["color = 'blue'"] }, { cars: ["color = 'blue'"] }]);
    expect(subscriptions("red-cars")).toEqual([{}, { cars: ["color = 'red'"] }]);
  });

  test("makes each peer trust the other", () => {
    expect([...plan.peers.values()].map(({ name, trusts }) => [name, trusts])).toEqual([
      ["bp1", [{ peer: "bp2", secret: "bp1-trusts-bp2" }]],
      ["bp2", [{ peer: "bp1", secret: "bp2-trusts-bp1" }]],
    ]);
  });
});

describe("who dials", () => {
  const dial = (text: string) => planText(text).plan.replications.get("blue-cars")?.links;

  test("is the first named unless `dial` says otherwise", () => {
    expect(dial(twoClusters)).toEqual([{ initiator: "bp1", target: "bp2" }]);
    expect(dial(twoClusters.replace("queries:", "dial: bp2, queries:"))).toEqual([{ initiator: "bp2", target: "bp1" }]);
  });

  test("is the peer that nobody can reach, whatever is written", () => {
    const closed = twoClusters.replace("west: { ingress", "west: { inbound: none, ingress");
    expect(dial(closed)).toEqual([{ initiator: "bp2", target: "bp1" }]);
  });

  test("does not change where data flows", () => {
    const oneWay = twoClusters.replace("between: [bp1, bp2]", "from: bp1, to: bp2");
    const turned = oneWay.replace("queries:", "dial: to, queries:");
    const subscribers = (text: string) =>
      planText(text)
        .plan.replications.get("blue-cars")
        ?.sides.map(({ subscribes }) => Object.keys(subscribes).length);
    expect(subscribers(turned)).toEqual(subscribers(oneWay));
    expect(dial(turned)).toEqual([{ initiator: "bp2", target: "bp1" }]);
  });
});

describe("an address across clusters", () => {
  test("is the ingress host of the target's cluster with the exposed port", () => {
    const turned = twoClusters.replace("queries:", "dial: bp2, port: 4077, queries:");
    expect(side(turned, "blue-cars", "bp2")?.connections).toEqual([
      {
        peer: "bp1",
        address: { kind: "host", address: "bp.east.example.com:4077", exposure: "east/blue-cars/bp1" },
      },
    ]);
  });

  test("waits for the load balancer where the topology gives no host", () => {
    expect(side(twoClusters, "blue-cars", "bp1")?.connections[0]?.address).toMatchObject({
      kind: "load-balancer",
      cluster: "west",
    });
  });

  test("puts an IPv6 host in brackets", () => {
    const ipv6 = twoClusters.replace("west: { ingress: {", 'west: { ingress: { host: "2001:db8::1",');
    expect(
      side(ipv6.replace("queries:", "port: 4040, queries:"), "blue-cars", "bp1")?.connections[0]?.address,
    ).toMatchObject({
      address: "[2001:db8::1]:4040",
    });
  });
});

describe("patterns", () => {
  const peers = (names: string[]) =>
    names.map((name) => `  ${name}: { cluster: c-${name}, version: 1.63.2 }`).join("\n");
  const clusters = (names: string[], settings: string) => names.map((name) => `  c-${name}: ${settings}`).join("\n");

  test("a hub needs one port however many spokes dial it", () => {
    const spokes = Array.from({ length: 20 }, (_, index) => `e${index}`);
    const { plan } = planText(`
clusters:
  c-hub: { ingress: { host: hub.example.com } }
${clusters(spokes, "{ inbound: none }")}
peers:
${peers(["hub", ...spokes])}
apps: { cars: { peers: [hub, ${spokes.join(", ")}] } }
replications:
  fleet: { app: cars, hub: hub, spokes: [${spokes.join(", ")}], up: { cars: "true" }, down: { cars: "color = 'red'" } }
`);
    expect(plan.exposures).toHaveLength(1);
    expect(new Set(plan.replications.get("fleet")?.sides.flatMap(({ connections }) => connections)).size).toBe(20);
  });

  test("a mesh dials each pair once and exposes at most one port a peer", () => {
    const names = ["a", "b", "c", "d"];
    const { plan } = planText(`
clusters:
${clusters(names, "{ ingress: { host: x.example.com } }")}
peers:
${peers(names)}
apps: { cars: { peers: [${names.join(", ")}] } }
replications:
  all: { app: cars, mesh: [${names.join(", ")}], queries: { cars: "true" } }
`);
    expect(plan.replications.get("all")?.links).toHaveLength(6);
    expect(plan.exposures.length).toBeLessThanOrEqual(4);
    const pairs = plan.replications.get("all")?.links.map(({ initiator, target }) => [initiator, target].sort().join());
    expect(new Set(pairs).size).toBe(6);
  });
});
