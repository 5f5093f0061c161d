import { describe, expect, test } from "vitest";
import { planText } from "../../../../topology/check.ts";
import { clusterManifests } from "../../../../topology/objects/cluster-manifests.ts";
import { exposedTopology } from "../../../support/exposed-topology.ts";

const planOf = (...args: Parameters<typeof exposedTopology>) => planText(exposedTopology(...args)).plan;

/** What bp1 dials. */
const dialled = (...args: Parameters<typeof exposedTopology>) =>
  planOf(...args)
    .replications.get("blue-cars")
    ?.sides.flatMap(({ connections }) => connections.map(({ address }) => address));

/** What is written in west to expose bp2. */
const written = (...args: Parameters<typeof exposedTopology>) =>
  clusterManifests(planOf(...args), "west")
    .filter(({ way }) => way !== undefined)
    .map(({ role, manifest: { kind, metadata } }) => `${role} ${kind} ${metadata.namespace}/${metadata.name}`);

const live = (port: number, name = "default", exposure = "west/blue-cars/bp2") => [
  { kind: "load-balancer", cluster: "west", ingress: name, port, exposure },
];
const host = (address: string) => [{ kind: "host", address, exposure: "west/blue-cars/bp2" }];

describe("what is dialled, and what is written for it", () => {
  test.each<[way: string, west: string, address: unknown, written: readonly string[]]>([
    [
      "ingress-nginx",
      "{ exposure: { ingressNginx: { host: bp.west.example.com } } }",
      host("bp.west.example.com:4217"),
      ["patch ConfigMap ingress-nginx/tcp-services", "patch Service ingress-nginx/ingress-nginx-controller"],
    ],
    ["an address", "{ exposure: { address: { host: bp.west.example.com } } }", host("bp.west.example.com:4040"), []],
    [
      "an address by the operator's Service",
      '{ exposure: { address: { host: "{service}.{namespace}.svc.clusterset.local", port: 5000 } } }',
      host("ditto-bp2-replication-blue-cars-bp2.ditto.svc.clusterset.local:5000"),
      [],
    ],
    [
      "a load balancer",
      "{ exposure: { loadBalancer: {} } }",
      live(4040),
      ["object Service ditto/blue-cars-bp2-exposed"],
    ],
    [
      "a load balancer by a name of one's own",
      '{ exposure: { loadBalancer: { host: "{replication}-{peer}.west.example.com" } } }',
      host("blue-cars-bp2.west.example.com:4040"),
      ["object Service ditto/blue-cars-bp2-exposed"],
    ],
    [
      "a node port",
      "{ exposure: { nodePort: { host: node1.west.example.com } } }",
      host("node1.west.example.com:30897"),
      ["object Service ditto/blue-cars-bp2-exposed"],
    ],
    [
      "a Gateway with ListenerSets",
      "{ exposure: { gateway: { name: tcp, namespace: infra } } }",
      live(4217),
      ["object ListenerSet ditto/blue-cars-bp2-exposed", "object TCPRoute ditto/blue-cars-bp2-exposed"],
    ],
    [
      "a Gateway of ours",
      "{ exposure: { gateway: { name: tcp, namespace: ditto, listeners: gateway, className: envoy } } }",
      live(4217),
      ["object Gateway ditto/tcp", "object TCPRoute ditto/blue-cars-bp2-exposed"],
    ],
    [
      "listeners that are there",
      "{ exposure: { gateway: { name: tcp, namespace: infra, listeners: existing, host: gw.west.example.com } } }",
      host("gw.west.example.com:4217"),
      ["object TCPRoute ditto/blue-cars-bp2-exposed"],
    ],
    [
      "F5 NGINX",
      "{ exposure: { transportServer: {} } }",
      live(4217),
      ["patch Service nginx-ingress/nginx-ingress", "object TransportServer ditto/blue-cars-bp2-exposed"],
    ],
    [
      "F5 NGINX with listeners of ours",
      "{ exposure: { transportServer: { manage: listeners } } }",
      live(4217),
      [
        "patch Service nginx-ingress/nginx-ingress",
        "patch GlobalConfiguration nginx-ingress/nginx-configuration",
        "object TransportServer ditto/blue-cars-bp2-exposed",
      ],
    ],
  ])("by %s", (_, west, address, objects) => {
    expect(dialled(west)).toEqual(address);
    expect(written(west)).toEqual(objects);
  });

  test("the former spelling of ingress-nginx gives the same objects and the same port", () => {
    const plans = ["{ ingress: { ports: 4040-4139 } }", "{ exposure: { ingressNginx: { ports: 4040-4139 } } }"].map(
      (west) => planOf(west),
    );
    const [former, latter] = plans.map((plan) => clusterManifests(plan, "west"));
    expect(latter).toEqual(former);
    expect(plans.map(({ exposures }) => exposures.map(({ id, port }) => `${id} ${port}`))).toEqual([
      ["west/blue-cars/bp2 4117"],
      ["west/blue-cars/bp2 4117"],
    ]);
  });

  test("the address of a peer or of a replication goes before what the cluster has", () => {
    const west = "{ exposure: { loadBalancer: {} } }";
    expect(dialled(west, { peer: ", address: bp2.example.com" })).toEqual(host("bp2.example.com:4040"));
    expect(dialled(west, { peer: ", address: bp2.example.com", replication: ", port: 4117" })).toEqual(
      host("bp2.example.com:4117"),
    );
    const one = ', address: "blue.example.com:4118"';
    expect(dialled(west, { peer: ", address: bp2.example.com", replication: one })).toEqual(
      host("blue.example.com:4118"),
    );
    expect(dialled(west, { replication: ', address: { bp2: "[2001:db8::1]:4118" }' })).toEqual(
      host("[2001:db8::1]:4118"),
    );
    expect(written(west, { peer: ", address: bp2.example.com" })).toEqual([]);
  });

  test("a peer picks one of the cluster's ways", () => {
    const west = "{ exposure: { loadBalancer: {} }, exposures: { inside: { nodePort: { host: node1.example.com } } } }";
    expect(dialled(west, { peer: ", exposure: inside" })).toMatchObject([{ address: "node1.example.com:30897" }]);
    expect(written(west, { peer: ", exposure: inside" })).toEqual(["object Service ditto/blue-cars-bp2-inside"]);
  });
});

describe("two ways at once", () => {
  const both = (order: string) =>
    `{ ingress: { host: bp.west.example.com }, exposures: { balancer: { loadBalancer: {} } }, exposure: ${order} }`;

  test("the first is dialled, and both are written", () => {
    expect(dialled(both("[default, balancer]"))).toEqual(host("bp.west.example.com:4217"));
    expect(dialled(both("[balancer, default]"))).toEqual(live(4040, "balancer", "west/blue-cars/bp2/balancer"));
    for (const order of ["[default, balancer]", "[balancer, default]"])
      expect(written(both(order))).toEqual(
        expect.arrayContaining([
          "patch ConfigMap ingress-nginx/tcp-services",
          "object Service ditto/blue-cars-bp2-balancer",
        ]),
      );
  });

  test("each keeps its name, port and objects through all steps from the one to the other", () => {
    const steps = [both("[default, balancer]"), both("[balancer, default]"), both("balancer")].map((west) =>
      planOf(west).exposures.map(({ id, object, port }) => [id, object, port].join(" ")),
    );
    const [former, latter] = ["west/blue-cars/bp2 blue-cars-bp2-exposed 4217"].concat(
      "west/blue-cars/bp2/balancer blue-cars-bp2-balancer 4040",
    );
    expect(steps).toEqual([[former, latter], [latter, former], [latter]]);
  });

  test("a pinned port holds for the way that is dialled, and for another only where its range has it", () => {
    const west = (order: string) =>
      `{ ingress: { host: a.example.com }, exposures: { nodes: { nodePort: { host: b.example.com } } }, exposure: ${order} }`;
    const ports = planOf(west("[default, nodes]"), { replication: ", port: 4117" }).exposures.map(({ port }) => port);
    expect(ports).toEqual([4117, 30897]);
  });
});

test.each<[west: string, listener: boolean | undefined]>([
  ["{ ingress: {} }", undefined],
  ["{ exposure: { transportServer: {} } }", undefined],
  ["{ exposure: { gateway: { name: tcp, namespace: infra } } }", false],
  ["{ exposure: { loadBalancer: {} } }", false],
  ["{ exposure: { nodePort: { host: node1.example.com } } }", false],
  ["{ exposure: { address: { host: bp.example.com } } }", false],
])("in a cluster %s Kafka's listener, which takes an Ingress controller, is %s", (west, listener) => {
  expect(planOf(west).peers.get("bp2")?.settings.kafkaListener).toBe(listener);
});
