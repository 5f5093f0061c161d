import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WayKind } from "../../../../topology/file/exposure.ts";
import { type Topology, topologySchema } from "../../../../topology/file/schema.ts";
import type { ExposingObjects } from "../../../../topology/import/exposing-objects.ts";
import { importTopology } from "../../../../topology/import/import-topology.ts";
import type { ClusterContents } from "../../../../topology/import/live-objects.ts";
import { clusterManifests, type DeployedValues, placeholders } from "../../../../topology/objects/cluster-manifests.ts";
import { defaultOperator } from "../../../../topology/operator/contract.ts";
import { hostPort } from "../../../../topology/plan/names.ts";
import type { Plan, PlannedExposure } from "../../../../topology/plan/plan.ts";
import { planTopology } from "../../../../topology/plan/plan-topology.ts";
import { exposureOf } from "../../../../topology/plan/share.ts";
import { topologies } from "../../../support/random-topology.ts";

const id = "2164bef3-37c0-489c-9ac6-c94b034525d7";
const wayKinds = ["loadBalancer", "nodePort", "gateway", "transportServer"] as const;
type OtherWay = Exclude<WayKind, "ingressNginx" | "address">;

function settingsOf(kind: OtherWay, cluster: string) {
  return {
    loadBalancer: { loadBalancer: { class: "internal", annotations: { "example.com/scheme": "internal" } } },
    nodePort: { nodePort: { host: `nodes.${cluster}.example.com`, externalTrafficPolicy: "Local" } },
    gateway: { gateway: { name: "public", namespace: "gateways" } },
    transportServer: { transportServer: { ingressClass: "nginx", manage: "listeners" } },
  }[kind];
}

/** The address that a load balancer, a Gateway or a controller has. */
function liveHost({ way, object, cluster }: PlannedExposure): string {
  return way.kind === "loadBalancer" ? `${object}.${cluster}.lb.example.com` : `${cluster}.lb.example.com`;
}

function valuesOf(plan: Plan): DeployedValues {
  return {
    ...placeholders,
    serviceBackend: ({ backend: { service } }) => ({ selector: { instance: service }, targetPort: 4040 }),
    loadBalancerAddress: ({ exposure, port }) => {
      const planned = exposureOf(plan, exposure);
      return planned ? hostPort(liveHost(planned), port) : "";
    },
  };
}

/** What a cluster holds after our own manifests of a plan were applied to it, and what its controllers add. */
function contentsOf(plan: Plan, cluster: string): ClusterContents {
  const manifests = clusterManifests(plan, cluster, valuesOf(plan)).filter(({ role }) => role === "object");
  const of = (kind: string) =>
    manifests.filter(({ manifest }) => manifest.kind === kind).map(({ manifest }) => manifest);
  const exposures = plan.exposures.filter((each) => each.cluster === cluster);
  const balancer = (host: string) => ({ loadBalancer: { ingress: [{ hostname: host }] } });
  const operators = [...plan.replications.values()]
    .flatMap(({ sides }) => sides)
    .filter((side) => side.cluster === cluster)
    .map(({ serviceAddress, namespace }) => {
      const name = serviceAddress.split(".")[0] ?? "";
      return { metadata: { name, namespace }, spec: { selector: { instance: name }, ports: [{ port: 4040 }] } };
    });
  const services = of("Service").map((service) => {
    const exposure = exposures.find(({ object }) => object === service.metadata.name);
    return { ...service, status: exposure?.way.kind === "loadBalancer" ? balancer(liveHost(exposure)) : {} };
  });
  const controller = {
    metadata: { name: "nginx-ingress", namespace: "nginx-ingress" },
    spec: { type: "LoadBalancer", ports: exposures.map(({ port }) => ({ port })) },
    status: balancer(`${cluster}.lb.example.com`),
  };
  const gateway = {
    metadata: { name: "public", namespace: "gateways" },
    spec: { gatewayClassName: "any", listeners: [] },
    status: { addresses: [{ value: `${cluster}.lb.example.com` }] },
  };
  const listeners = exposures.map(({ port }) => ({ name: `bigpeer-${port}`, port }));
  const exposing: ExposingObjects = {
    services: [...operators, ...services, controller],
    tcpRoutes: of("TCPRoute"),
    listenerSets: of("ListenerSet"),
    gateways: [gateway],
    transportServers: of("TransportServer"),
    globalConfigurations: [
      { metadata: { name: "nginx-configuration", namespace: "nginx-ingress" }, spec: { listeners } },
    ],
  };
  return {
    ...{ name: cluster, context: cluster, ingress: undefined, certificates: new Map(), exposing },
    bigPeers: of("BigPeer"),
    apps: of("BigPeerApp"),
    replications: of("BigPeerReplication"),
  };
}

const imported = (plan: Plan) =>
  importTopology(
    defaultOperator,
    [...plan.clusters.keys()].map((cluster) => contentsOf(plan, cluster)),
  );

/** A topology whose clusters expose their targets in other ways. */
function withWays(topology: Topology, kinds: readonly OtherWay[]): Topology {
  const clusters = Object.entries(topology.clusters).map(([name, { ingress: _, ...cluster }], index) => [
    name,
    { ...cluster, exposure: settingsOf(kinds[index % kinds.length] ?? "loadBalancer", name) },
  ]);
  const apps = Object.entries(topology.apps).map(([name, app]) => [name, { ...app, id }]);
  return topologySchema.parse({
    ...topology,
    clusters: Object.fromEntries(clusters),
    apps: Object.fromEntries(apps),
  });
}

/** What counts of exposures, without the order of the file and without pins. */
const exposuresOf = (plan: Plan) =>
  plan.exposures
    .map(({ id, way, port, host, object, backend }) => JSON.stringify([id, way.kind, port, host, object, backend]))
    .sort();
/** The objects that expose targets, as they are written. */
const written = (plan: Plan) =>
  [...plan.clusters.keys()]
    .flatMap((cluster) => clusterManifests(plan, cluster, valuesOf(plan)).filter(({ way }) => way !== undefined))
    .filter(
      ({ manifest }) =>
        (manifest.kind !== "GlobalConfiguration" && manifest.kind !== "Service") ||
        manifest.metadata.namespace !== "nginx-ingress",
    )
    .map(({ manifest }) => JSON.stringify(manifest))
    .sort();

test("what our own plan exposes by Services, Gateways and TransportServers is imported with the same ways, ports and objects", () => {
  const kinds = fc.array(fc.constantFrom(...wayKinds), { minLength: 1, maxLength: 4 });
  let exposed = 0;
  fc.assert(
    fc.property(topologies, kinds, (topology, ways) => {
      const plan = planTopology(withWays(topology, ways));
      const dialled = plan.exposures.map(
        (each) => `${each.cluster}:${each.way.kind === "loadBalancer" ? each.object : each.port}`,
      );
      // Two targets at one port, and a target that nobody can dial into, are refused before anything is deployed.
      fc.pre(new Set(dialled).size === dialled.length);
      fc.pre(plan.exposures.every(({ cluster }) => !plan.clusters.get(cluster)?.closed));
      // Where one side dials one port of two clusters whose hosts only the file knows, no object says which host is whose.
      const given = plan.exposures.filter(({ host }) => host !== undefined);
      fc.pre(new Set(given.map(({ replication, port }) => `${replication}:${port}`)).size === given.length);
      const { topology: again, leftOut } = imported(plan);
      expect(leftOut).toEqual([]);
      const planAgain = planTopology(topologySchema.parse(again));
      expect(exposuresOf(planAgain)).toEqual(exposuresOf(plan));
      expect(written(planAgain)).toEqual(written(plan));
      exposed += plan.exposures.length;
    }),
    { numRuns: 150 },
  );
  expect(exposed).toBeGreaterThan(50);
});

describe("what somebody has exposed by hand", () => {
  const plan = planTopology(
    topologySchema.parse({
      clusters: { east: {}, west: { exposure: { loadBalancer: {} } } },
      peers: { bp1: { cluster: "east", version: "1.63.2" }, bp2: { cluster: "west", version: "1.63.2" } },
      apps: { cars: { id, peers: ["bp1", "bp2"] } },
      replications: { blue: { app: "cars", from: "bp1", to: "bp2", queries: { cars: ["true"] } } },
    }),
  );
  const renamed = (contents: ClusterContents): ClusterContents => {
    const services = contents.exposing?.services.map((each) => {
      const text = JSON.stringify(each).replace('"blue-bp2-exposed"', '"by-hand"');
      return JSON.parse(text);
    });
    return contents.exposing ? { ...contents, exposing: { ...contents.exposing, services: services ?? [] } } : contents;
  };

  test("under another name keeps its address, and is listed: a Service of our name would get another load balancer", () => {
    const { topology, leftOut } = importTopology(defaultOperator, [
      contentsOf(plan, "east"),
      renamed(contentsOf(plan, "west")),
    ]);
    expect(topology.clusters).toEqual({ east: {}, west: {} });
    expect(topology.replications).toMatchObject({
      blue: { from: "bp1", to: "bp2", address: { bp2: "blue-bp2-exposed.west.lb.example.com:4040" } },
    });
    expect(leftOut).toEqual([
      expect.objectContaining({
        cluster: "west",
        object: "Service ditto/by-hand",
        reason: expect.stringMatching(/under a name/),
      }),
    ]);
  });

  test("that could not be read is listed, and its addresses are written as somebody else's", () => {
    const { exposing: _, ...west } = contentsOf(plan, "west");
    const unread = "the Services of all namespaces cannot be read";
    const { topology, leftOut } = importTopology(defaultOperator, [contentsOf(plan, "east"), { ...west, unread }]);
    expect(topology.replications).toMatchObject({
      blue: { address: { bp2: "blue-bp2-exposed.west.lb.example.com:4040" } },
    });
    expect(leftOut.map(({ cluster, reason }) => ({ cluster, reason }))).toEqual([{ cluster: "west", reason: unread }]);
  });

  test("and dialled by nobody is listed", () => {
    const { leftOut } = importTopology(defaultOperator, [contentsOf(plan, "west")]);
    expect(leftOut.map(({ object }) => object)).toContain("Service ditto/blue-bp2-exposed");
  });
});
