import { describe, expect, test } from "vitest";
import type { ReadObject } from "../../../program/read-controller.ts";
import type { SeenWay } from "../../../program/seen-way.ts";
import { lookAtWay, ownedWays } from "../../../program/ways.ts";
import { planText } from "../../../topology/check.ts";
import { shareOf } from "../../../topology/plan/share.ts";
import { exposedTopology } from "../../support/exposed-topology.ts";

const service = "ditto-bp2-replication-blue-cars-bp2";
const operators = { spec: { selector: { app: "blue" }, ports: [{ port: 4040, targetPort: "sync" }] } };
const balancer = (hostname: string) => ({ status: { loadBalancer: { ingress: [{ hostname }] } } });
const served = (kind: string, ...versions: string[]) => ({
  metadata: { name: kind },
  spec: { group: "g", names: { kind }, versions: versions.map((name) => ({ name, served: true })) },
});
const routes = { "CustomResourceDefinition /tcproutes.gateway.networking.k8s.io": served("TCPRoute", "v1") };
const sets = { "CustomResourceDefinition /listenersets.gateway.networking.k8s.io": served("ListenerSet", "v1") };
const gatewayWith = (spec: object, status?: object) => ({
  "Gateway infra/tcp": { spec, ...(status ? { status } : {}) },
});
const allowing = { allowedListeners: { namespaces: { from: "All" } } };

async function seen(
  west: string,
  objects: Readonly<Record<string, unknown>>,
  replication = ", port: 4117",
): Promise<SeenWay> {
  const { plan } = planText(exposedTopology(west, { replication }));
  const [way] = shareOf(plan, "west").ways;
  const read: ReadObject = async (kind, namespace, name) => objects[`${kind} ${namespace}/${name}`];
  const found = way && (await lookAtWay(plan, "west", way, read));
  if (!found) throw new Error("the topology has another way");
  return found;
}
const lacks = ({ pending }: SeenWay) => pending.map(({ reason }) => reason);
const nexts = ({ pending }: SeenWay) => pending.map(({ next }) => next).join("\n");

describe("a Service of ours", () => {
  const west = "{ exposure: { loadBalancer: {} } }";

  test("is pending while the operator has not made its own, and while the load balancer has no address", async () => {
    expect(lacks(await seen(west, {}, ""))).toEqual([
      expect.stringContaining(`the operator has no Service ditto/${service}`),
      "the Service ditto/blue-cars-bp2-exposed has no load balancer address yet",
    ]);
  });

  test("is dialled by its load balancer's address once it has one", async () => {
    const objects = {
      [`Service ditto/${service}`]: operators,
      "Service ditto/blue-cars-bp2-exposed": balancer("lb.example.com"),
    };
    const { addresses, pending } = await seen(west, objects, "");
    expect([...addresses]).toEqual([["west/blue-cars/bp2", "lb.example.com:4040"]]);
    expect(pending).toEqual([]);
  });

  test("stays while the operator makes its own anew, so that no address is lost", async () => {
    const own = { ...balancer("lb.example.com"), spec: { ...operators.spec } };
    expect(lacks(await seen(west, { "Service ditto/blue-cars-bp2-exposed": own }, ""))).toEqual([]);
  });

  test("of type NodePort has the address that the file says", async () => {
    const nodes = "{ exposure: { nodePort: { host: node1.example.com } } }";
    const { addresses, pending } = await seen(nodes, { [`Service ditto/${service}`]: operators }, ", port: 30117");
    expect([...addresses.values()]).toEqual(["node1.example.com:30117"]);
    expect(pending).toEqual([]);
  });
});

describe("a port that another Service of the cluster has", () => {
  const nodes = "{ exposure: { nodePort: { host: node1.example.com } } }";
  const shared = (address: string) =>
    `{ exposure: { loadBalancer: { annotations: { metallb.io/loadBalancerIPs: ${address} }, ports: 4040-4139 } } }`;
  const other = (spec: object, name = "postgres", annotations = {}) => ({
    metadata: { name, namespace: name === "postgres" ? "shop" : "ditto", annotations },
    spec,
  });
  const listed = (...items: object[]) => ({ "ServiceList /": { items } });
  const refusals = async (west: string, services: Readonly<Record<string, unknown>>, port: number) =>
    (await seen(west, services, `, port: ${port}`)).refused.map(({ rule, what, fix }) => `${rule}: ${what}: ${fix}`);

  test.each([
    ["its node port", { type: "NodePort", ports: [{ port: 5432, nodePort: 30117 }] }],
    ["the node port behind its load balancer", { type: "LoadBalancer", ports: [{ port: 5432, nodePort: 30117 }] }],
    ["the node port of its health check", { type: "LoadBalancer", ports: [{ port: 1 }], healthCheckNodePort: 30117 }],
  ])("as %s is refused before any write, with a free one", async (_, spec) => {
    const neighbour = other({ ports: [{ port: 1, nodePort: 30118 }] }, "redis");
    expect(await refusals(nodes, listed(other(spec), neighbour), 30117)).toEqual([
      'port-taken: port 30117 of the nodes in cluster "west" belongs to the Service shop/postgres: pin a free one: `port: { bp2: 30119 }`; `npx bigpeer pin <topology> --avoid west:30117,30118` writes all of them and moves no port that is deployed',
    ]);
  });

  test.each([
    ["asks for", { "metallb.universe.tf/loadBalancerIPs": "192.0.2.7, 192.0.2.8" }, {}],
    ["has", {}, { status: { loadBalancer: { ingress: [{ ip: "192.0.2.7" }] } } }],
  ])("at the address that ours asks for and another one %s is refused", async (_, annotations, more) => {
    const spec = { type: "LoadBalancer", ports: [{ port: 4117 }] };
    const postgres = { ...other(spec, "postgres", annotations), ...more };
    expect(await refusals(shared("192.0.2.7"), listed(postgres), 4117)).toEqual([
      expect.stringMatching(/port 4117 of the address 192\.0\.2\.7 .*the Service shop\/postgres: pin.*4118/),
    ]);
    expect(await refusals(shared("192.0.2.9"), listed(postgres), 4117)).toEqual([]);
    const inside = { ...postgres, spec: { ...spec, type: "ClusterIP" } };
    expect(await refusals(shared("192.0.2.7"), listed(inside), 4117)).toEqual([]);
  });

  test("is none of its own, of another protocol, or of a Service that takes no port of the nodes", async () => {
    const free = [
      other({ ports: [{ port: 4040, nodePort: 30117 }] }, "blue-cars-bp2-exposed"),
      other({ ports: [{ port: 53, nodePort: 30117, protocol: "UDP" }] }),
      other({ type: "ClusterIP", ports: [{ port: 30117 }] }),
    ];
    for (const each of free) expect(await refusals(nodes, listed(each), 30117)).toEqual([]);
  });

  test("is refused also where it is a Service of this topology, which cannot give it up before", async () => {
    const former = other({ ports: [{ port: 4040, nodePort: 30117 }] }, "blue-cars-bp2-former");
    expect(await refusals(nodes, listed(former), 30117)).toEqual([
      expect.stringContaining("ditto/blue-cars-bp2-former"),
    ]);
  });

  test("is not known to who may not list the Services, which is worth a line and stops nothing", async () => {
    const { plan } = planText(exposedTopology(nodes));
    const [way] = shareOf(plan, "west").ways;
    const read: ReadObject = async (kind) => {
      if (kind === "ServiceList") throw new Error("the Services of all namespaces cannot be read: HTTP 403");
      return undefined;
    };
    const { refused, notes } = (way && (await lookAtWay(plan, "west", way, read))) ?? {};
    expect(refused).toEqual([]);
    expect(notes?.map(({ rule, what }) => `${rule} ${what}`)).toEqual([
      expect.stringMatching(/^ports-unknown the ports of other Services in cluster "west" are not known: .*HTTP 403$/),
    ]);
  });

  test("is not asked for where each load balancer has an address of its own", async () => {
    const asked: string[] = [];
    const { plan } = planText(exposedTopology("{ exposure: { loadBalancer: {} } }"));
    const [way] = shareOf(plan, "west").ways;
    if (way)
      await lookAtWay(plan, "west", way, async (kind) => {
        asked.push(kind);
        return undefined;
      });
    expect(asked).not.toContain("ServiceList");
  });
});

describe("a Gateway", () => {
  const west = "{ exposure: { gateway: { name: tcp, namespace: infra } } }";
  const addresses = { addresses: [{ type: "IPAddress", value: "203.0.113.7" }] };

  test("that allows ListenerSets is dialled by the address in its status", async () => {
    const found = await seen(west, { ...routes, ...sets, ...gatewayWith(allowing, addresses) });
    expect([...found.addresses.values()]).toEqual(["203.0.113.7:4117"]);
    expect(found.pending).toEqual([]);
  });

  test("that is not there, in a cluster without the Gateway API, is pending with what to install", async () => {
    const found = await seen(west, {});
    expect(lacks(found)).toEqual([
      "the cluster does not serve TCPRoute of gateway.networking.k8s.io/v1",
      "the cluster does not serve ListenerSet of gateway.networking.k8s.io/v1",
      "there is no Gateway infra/tcp",
      "the Gateway infra/tcp has no address in its status yet",
    ]);
    expect(nexts(found)).toContain("`listeners: existing`");
  });

  test.each([
    ["v1", "v1alpha2", west],
    ["v1alpha2", "v1", "{ exposure: { gateway: { name: tcp, namespace: infra, routeVersion: v1alpha2 } } }"],
  ])(
    "is refused before any write where the file writes TCPRoute %s and the cluster serves %s alone",
    async (_, only, way) => {
      const other = { "CustomResourceDefinition /tcproutes.gateway.networking.k8s.io": served("TCPRoute", only) };
      const objects: Readonly<Record<string, unknown>> = { ...other, ...sets, ...gatewayWith(allowing, addresses) };
      const found = await seen(way, objects);
      expect(found.refused).toMatchObject([
        {
          ...{ rule: "version-not-served", severity: "error" },
          what: expect.stringMatching(new RegExp(`does not serve TCPRoute of .*; it serves ${only}$`)),
          fix: `write \`routeVersion: ${only}\` in the \`gateway\``,
        },
      ]);
      expect(found.pending).toEqual([]);
      const { plan } = planText(exposedTopology(way));
      const readers = new Map([
        ["west", async (kind: string, place: string, name: string) => objects[`${kind} ${place}/${name}`]],
      ]);
      await expect(ownedWays(plan, new Set(["west"]), readers)).rejects.toThrow(/version-not-served/);
    },
  );

  test("of which the cluster serves both versions is used in the one that the file writes", async () => {
    const both = {
      "CustomResourceDefinition /tcproutes.gateway.networking.k8s.io": served("TCPRoute", "v1alpha2", "v1"),
    };
    const found = await seen(west, { ...both, ...sets, ...gatewayWith(allowing, addresses) });
    expect([found.refused, found.pending]).toEqual([[], []]);
  });

  test.each<[spec: object, reason: string, from: string]>([
    [{}, "no ListenerSets", "All"],
    [{ allowedListeners: { namespaces: { from: "Same" } } }, "only the ListenerSets of its own namespace", "All"],
  ])("that allows %o is pending with the command that allows ListenerSets", async (spec, reason, from) => {
    const found = await seen(west, { ...routes, ...sets, ...gatewayWith(spec, addresses) });
    expect(lacks(found)).toEqual([`the Gateway infra/tcp allows ${reason}`]);
    expect(nexts(found)).toContain(
      `kubectl --context west -n infra patch gateway tcp --type merge -p '{"spec":{"allowedListeners"`,
    );
    expect(nexts(found)).toContain(`{"from":"${from}"}`);
  });

  test("that should have the listener already is pending where it has none, or has it on another port", async () => {
    const existing = "{ exposure: { gateway: { name: tcp, namespace: infra, listeners: existing, listener: blue } } }";
    const none = await seen(existing, { ...routes, ...gatewayWith({ listeners: [] }, addresses) });
    expect(lacks(none)).toEqual(["the Gateway infra/tcp has no listener blue"]);
    expect(nexts(none)).toMatch(/\(`kubectl --context west -n infra patch gateway tcp --type json -p '\[.*\]'`\), or /);
    const other = { listeners: [{ name: "blue", port: 4118 }] };
    const moved = await seen(existing, { ...routes, ...gatewayWith(other, addresses) });
    expect(nexts(moved)).toBe("pin that port: `port: 4118` in replications.blue-cars");
    const right = { listeners: [{ name: "blue", port: 4117 }] };
    expect(lacks(await seen(existing, { ...routes, ...gatewayWith(right, addresses) }))).toEqual([]);
  });

  test("of ours needs its class, and is not missed before it is made", async () => {
    const own = "{ exposure: { gateway: { name: tcp, namespace: infra, listeners: gateway, className: envoy } } }";
    const definitions = {
      ...routes,
      "CustomResourceDefinition /gateways.gateway.networking.k8s.io": served("Gateway", "v1"),
    };
    expect(lacks(await seen(own, definitions))[0]).toBe("there is no GatewayClass envoy");
    expect(nexts(await seen(own, definitions))).toContain("(`kubectl --context west get gatewayclasses` lists them)");
    expect(lacks(await seen(own, { ...definitions, "GatewayClass /envoy": {} }))).toEqual([
      "the Gateway infra/tcp has no address in its status yet",
    ]);
  });
});

describe("F5 NGINX Ingress Controller", () => {
  const west = "{ exposure: { transportServer: {} } }";
  const objects = {
    "CustomResourceDefinition /transportservers.k8s.nginx.org": served("TransportServer", "v1"),
    "Service nginx-ingress/nginx-ingress": balancer("f5.example.com"),
  };
  const listeners = (...all: object[]) => ({
    "GlobalConfiguration nginx-ingress/nginx-configuration": { spec: { listeners: all } },
  });
  const ours = { name: "bigpeer-4117", port: 4117, protocol: "TCP" };
  const theirs = { name: "dns", port: 5353, protocol: "TCP" };

  test("with the listener is dialled by its load balancer", async () => {
    const found = await seen(west, { ...objects, ...listeners(theirs, ours) });
    expect([...found.addresses.values()]).toEqual(["f5.example.com:4117"]);
    expect([found.pending, found.refused]).toEqual([[], []]);
  });

  test("without it is pending with the command that adds it to the list of everybody", async () => {
    const found = await seen(west, { ...objects, ...listeners(theirs) });
    expect(nexts(found)).toContain(
      `(\`kubectl --context west -n nginx-ingress patch globalconfiguration nginx-configuration --type json -p '[{"op":"add","path":"/spec/listeners/-","value":${JSON.stringify(ours)}}]'\`), or set`,
    );
  });

  test("is refused where the list should be ours and somebody else has a listener in it", async () => {
    const managed = "{ exposure: { transportServer: { manage: listeners } } }";
    const shared = await seen(managed, { ...objects, ...listeners(theirs) });
    expect(shared.refused).toMatchObject([{ rule: "listeners-shared", severity: "error" }]);
    expect((await seen(managed, { ...objects, ...listeners(ours) })).refused).toEqual([]);
  });

  test("is refused where somebody else has the port, in its Service or in the list", async () => {
    const open = { ...balancer("f5.example.com"), spec: { ports: [{ name: "db", port: 4117 }] } };
    const byService = { ...objects, ...listeners(ours), "Service nginx-ingress/nginx-ingress": open };
    const byList = { ...objects, ...listeners({ ...theirs, port: 4117 }) };
    for (const cluster of [byService, byList])
      expect((await seen(west, cluster)).refused).toMatchObject([{ rule: "port-taken" }]);
  });

  test("that is not installed is pending, and stops nothing", async () => {
    const found = await seen(west, {});
    expect(lacks(found)).toEqual([
      "the cluster does not serve TransportServer of k8s.nginx.org/v1",
      "there is no such Service",
      expect.stringContaining("there is no GlobalConfiguration nginx-ingress/nginx-configuration"),
      "the Service nginx-ingress/nginx-ingress has no load balancer address yet",
    ]);
    expect(found.refused).toEqual([]);
  });

  test("that serves TransportServer in another version alone is refused before any write", async () => {
    const old = { "CustomResourceDefinition /transportservers.k8s.nginx.org": served("TransportServer", "v1alpha1") };
    expect((await seen(west, old)).refused).toMatchObject([
      { rule: "version-not-served", what: expect.stringContaining("it serves v1alpha1") },
    ]);
  });
});

test("a cluster that cannot be looked at is refused before anything is written", async () => {
  const { plan } = planText(exposedTopology("{ exposure: { loadBalancer: {} } }"));
  const away: ReadObject = async () => Promise.reject(new Error("it does not answer"));
  await expect(ownedWays(plan, new Set(["west"]), new Map([["west", away]]))).rejects.toThrow(
    /clusters\.west: what exposes its targets cannot be inspected: it does not answer/,
  );
});

test("of an address that somebody else provides nothing is asked", async () => {
  const found = await seen("{ exposure: { address: { host: bp.west.example.com } } }", {});
  expect([...found.addresses.values()]).toEqual(["bp.west.example.com:4117"]);
  expect(found.pending).toEqual([]);
});
