import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { type Topology, topologySchema } from "../../../../topology/file/schema.ts";
import { importTopology } from "../../../../topology/import/import-topology.ts";
import type { ClusterContents } from "../../../../topology/import/live-objects.ts";
import { clusterManifests, placeholders } from "../../../../topology/objects/cluster-manifests.ts";
import type { Manifest } from "../../../../topology/objects/manifests.ts";
import { defaultOperator } from "../../../../topology/operator/contract.ts";
import { issuerText } from "../../../../topology/plan/issuers.ts";
import type { Plan } from "../../../../topology/plan/plan.ts";
import { planTopology } from "../../../../topology/plan/plan-topology.ts";
import { topologies } from "../../../support/random-topology.ts";

const id = "2164bef3-37c0-489c-9ac6-c94b034525d7";
const text = (value: unknown) => String(value);
const base64 = (value: string) => Buffer.from(value).toString("base64");
const pemOf = (peer: string) => `CA of ${peer}`;

/** What a cluster holds after our own manifests of a plan were applied to it. */
function contentsOf(plan: Plan, cluster: string): ClusterContents {
  const manifests = clusterManifests(plan, cluster, {
    ...placeholders,
    caCertificates: (peer) => base64(pemOf(peer)),
    issuerCertificate: (issuer) => base64(pemOf(issuer)),
  });
  const of = (kind: string) => manifests.filter(({ manifest }) => manifest.kind === kind);
  const patches = of("BigPeer").filter(({ role }) => role === "patch");
  const bigPeers = of("BigPeer")
    .filter(({ role }) => role === "object")
    .map(({ manifest }) => {
      const patch = patches.find((each) => each.manifest.metadata.name === manifest.metadata.name);
      return patch ? merged(manifest, patch.manifest) : manifest;
    });
  const config = of("ConfigMap")[0]?.manifest.data;
  const secrets = of("Secret").map(({ manifest: { metadata, data } }): [string, string] => {
    const [value] = Object.values(typeof data === "object" && data !== null ? data : {});
    return [`${metadata.namespace}/${metadata.name}`, Buffer.from(text(value), "base64").toString()];
  });
  const authorities = [...plan.peers.values()]
    .filter((peer) => peer.cluster === cluster)
    .map(({ namespace, caSecret, name }): [string, string] => [`${namespace}/${caSecret}`, pemOf(name)]);
  const issuers = [...plan.peers.values()].flatMap(({ namespace, caSecret, issuer }): [string, string][] =>
    issuer ? [[`${namespace}/${caSecret}`, pemOf(issuerText(issuer))]] : [],
  );
  const entries = Object.entries(typeof config === "object" && config !== null ? config : {});
  return {
    name: cluster,
    context: cluster,
    bigPeers,
    apps: of("BigPeerApp").map(({ manifest }) => manifest),
    replications: of("BigPeerReplication").map(({ manifest }) => manifest),
    ingress: {
      host: undefined,
      tcpServices: Object.fromEntries(entries.map(([port, entry]) => [port, text(entry)])),
      settings: {},
    },
    certificates: new Map([...secrets, ...authorities]),
    issuers: new Map(issuers),
  };
}

function merged(one: Manifest, other: Manifest): Manifest {
  const spec = z.looseObject({ auth: z.looseObject({}).default({}) });
  const [own, patched] = [spec.parse(one.spec), spec.parse(other.spec)];
  return { ...one, spec: { ...own, auth: { ...own.auth, ...patched.auth } } };
}

const planned = (topology: unknown) => planTopology(topologySchema.parse(topology));
const withId = (topology: Topology): Topology => ({
  ...topology,
  apps: Object.fromEntries(Object.entries(topology.apps).map(([name, app]) => [name, { ...app, id }])),
});
const imported = (plan: Plan) =>
  importTopology(
    defaultOperator,
    [...plan.clusters.keys()].map((cluster) => contentsOf(plan, cluster)),
  );

/** A plan without the order of the file, without what no cluster shows (form, pin), and without what an import adds (adopt). */
function told(plan: Plan) {
  const sorted = (values: Iterable<unknown>) => [...values].map((value) => JSON.stringify(value)).sort();
  return {
    manifests: [...plan.clusters.keys()].map((cluster) =>
      sorted(
        clusterManifests(plan, cluster).map(({ manifest }) => ({
          ...manifest,
          spec: sorted(Object.entries(inOrder(manifest.spec))),
        })),
      ),
    ),
    links: sorted(
      [...plan.replications.values()].flatMap(({ name, links }) => links.map((link) => ({ name, ...link }))),
    ),
    trusts: sorted([...plan.peers.values()].map(({ name, trusts }) => [name, sorted(trusts)])),
    exposures: sorted(
      plan.exposures.map(({ id, port, host, dialled, backend }) => ({ id, port, host, dialled, backend })),
    ),
  };
}

function inOrder(value: unknown): object {
  const sort = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(sort).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    if (typeof each !== "object" || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, sort(inner)]));
  };
  const sorted = sort(value);
  return typeof sorted === "object" && sorted !== null ? sorted : {};
}

const bigPeers = { name: "big-peers", kind: "ClusterIssuer", group: "cert-manager.io" };

test("what our own plan makes in the clusters is imported as a topology with the same plan", () => {
  fc.assert(
    fc.property(topologies, fc.constantFrom(undefined, bigPeers), (topology, caIssuer) => {
      const plan = planTopology({ ...withId(topology), caIssuer });
      const dialled = plan.exposures.map(({ cluster, port }) => `${cluster}:${port}`);
      // Two targets at one port, and a target that nobody can dial into, are refused before anything is deployed.
      fc.pre(new Set(dialled).size === dialled.length);
      fc.pre(plan.exposures.every(({ cluster }) => !plan.clusters.get(cluster)?.closed));
      // Where one side dials one port of two clusters, no object of these clusters says which host is whose.
      const ports = plan.exposures.map(({ replication, port }) => `${replication}:${port}`);
      fc.pre(new Set(ports).size === ports.length);
      const { topology: again, leftOut } = imported(plan);
      expect(leftOut).toEqual([]);
      expect(told(planned(again))).toEqual(told(plan));
    }),
    { numRuns: 150 },
  );
});

const bigPeer = (name: string, trusted: string[] = []) => ({
  metadata: { name, namespace: "ditto" },
  spec: {
    version: "1.63.2",
    auth: { trustedCASecrets: trusted.map((secret) => ({ name: secret })) },
    attachments: { backend: "S3" },
  },
});
const app = (name: string, peer: string, appId = id) => ({
  metadata: { name, namespace: "ditto", labels: { "ditto.live/big-peer": peer } },
  spec: { appId },
});
const side = (name: string, peer: string, spec: object, appName = `cars-${peer}`) => ({
  metadata: { name, namespace: "ditto", labels: { "ditto.live/big-peer": peer, "ditto.live/app": appName } },
  spec,
});
const blue = { cars: ["color = 'blue'"] };
const cluster = (name: string, contents: Partial<ClusterContents>): ClusterContents => ({
  ...{ name, context: name, bigPeers: [], apps: [], replications: [], ingress: undefined, certificates: new Map() },
  ...contents,
});
/** As the vendor's guide has it, by kubectl: bp1 dials bp2 through ingress-nginx. */
function byHand(east: Partial<ClusterContents> = {}, west: Partial<ClusterContents> = {}) {
  const tcpServices = { "4117": "ditto/ditto-bp2-replication-blue-cars-bp2:4040" };
  return importTopology(defaultOperator, [
    cluster("east", {
      bigPeers: [bigPeer("bp1", ["bp1-trusts-bp2"])],
      apps: [app("cars-bp1", "bp1")],
      replications: [
        side("blue-cars-bp1", "bp1", { connections: ["bp.west.example.com:4117"], queriesByCollection: blue }),
      ],
      ...east,
    }),
    cluster("west", {
      bigPeers: [bigPeer("bp2", ["bp2-trusts-bp1"])],
      apps: [app("cars-bp2", "bp2")],
      replications: [side("blue-cars-bp2", "bp2", { queriesByCollection: blue })],
      ingress: { host: "203.0.113.9", tcpServices, settings: {} },
      ...west,
    }),
  ]);
}
const listed = ({ leftOut }: ReturnType<typeof importTopology>) =>
  leftOut.map(({ cluster: where, object, reason }) => `${where}: ${object}: ${reason}`);

test("Big Peers that were made by hand from the guide give a topology that takes them over as they are", () => {
  const { topology, leftOut } = byHand();
  expect(leftOut).toEqual([]);
  expect(topology).toEqual({
    clusters: { east: {}, west: { ingress: { host: "bp.west.example.com" } } },
    peers: {
      bp1: {
        ...{ cluster: "east", version: "1.63.2", kafkaListener: true, adopt: true },
        spec: { attachments: { backend: "S3" } },
      },
      bp2: { cluster: "west", version: "1.63.2", adopt: true, spec: { attachments: { backend: "S3" } } },
    },
    apps: { cars: { id, peers: ["bp1", "bp2"], adopt: true } },
    replications: {
      "blue-cars": {
        ...{
          app: "cars",
          between: ["bp1", "bp2"],
          queries: { cars: "color = 'blue'" },
          port: { bp2: 4117 },
          adopt: true,
        },
      },
    },
  });
});

test("a CA Secret of another name is listed with the Secret that takes its place", () => {
  expect(listed(byHand({ bigPeers: [bigPeer("bp1", ["west-ca"])] }))).toEqual([
    "east: Secret ditto/west-ca: bp1 trusts it, and the topology has Secrets of its own in its place: bp1-trusts-bp2",
  ]);
});

test("two apps with one ID on a Big Peer are listed, and the replication keeps its app", () => {
  const result = byHand({ apps: [app("cars-bp1", "bp1"), app("copy-bp1", "bp1", id.toUpperCase())] });
  expect(listed(result)).toEqual([
    `east: BigPeerApp ditto/copy-bp1: it has the app ID ${id} of cars-bp1 on the same Big Peer bp1`,
  ]);
});

test("a replication that nobody dials, and a port that leads nowhere, are listed", () => {
  const lonely = side("old-bp2", "bp2", { queriesByCollection: blue });
  const result = byHand(
    {},
    {
      replications: [side("blue-cars-bp2", "bp2", { queriesByCollection: blue }), lonely],
      ingress: {
        ...{ host: undefined, settings: {} },
        tcpServices: { "4117": "ditto/ditto-bp2-replication-blue-cars-bp2:4040", "4118": "ditto/gone:4040" },
      },
    },
  );
  expect(listed(result)).toEqual([
    "west: BigPeerReplication ditto/old-bp2: nobody dials it, and it dials nobody that is known",
    "west: port 4118 of the ingress controller, to ditto/gone: no replication of these clusters dials it",
  ]);
});

test("a side of another name is joined by its address, and listed with the name that the topology gives it", () => {
  const dialling = { connections: ["bp.west.example.com:4117"], queriesByCollection: blue };
  const result = byHand({ replications: [side("to-west", "bp1", dialling)] });
  expect(listed(result)).toEqual([
    expect.stringContaining("east: BigPeerReplication ditto/to-west: the topology calls it blue-cars-bp1"),
  ]);
  expect(result.leftOut[0]?.offer).toMatch(/^let the update make /);
});

test("an address that leads to another app is no link", () => {
  const other = "11111111-37c0-489c-9ac6-c94b034525d7";
  const found = listed(byHand({}, { apps: [app("cars-bp2", "bp2", other)] }));
  expect(found.join("\n")).toContain("it dials bp.west.example.com:4117: what listens there has another app ID");
});

test("what somebody else exposes is joined by name and app, and keeps its address", () => {
  const { topology, leftOut } = byHand({}, { ingress: undefined });
  expect(leftOut).toEqual([]);
  expect(topology).toMatchObject({
    replications: { "blue-cars": { between: ["bp1", "bp2"], address: { bp2: "bp.west.example.com:4117" } } },
  });
});

test("a field of a BigPeer that has a key of its own is under that key, and every other one in `spec`", () => {
  const spec = {
    version: "1.63.2",
    store: { replicas: 3, storage: { size: "10Gi", class: "fast" } },
    network: { ingress: { host: "bp1.example.com" } },
    cdc: { network: { kafkaExternalListener: { enabled: false } } },
  };
  const { topology } = byHand({ bigPeers: [{ metadata: { name: "bp1", namespace: "ditto" }, spec }] });
  expect(topology.peers).toMatchObject({
    bp1: {
      ...{ cluster: "east", version: "1.63.2", host: "bp1.example.com", kafkaListener: false, adopt: true },
      store: { replicas: 3, storage: "10Gi" },
      spec: { store: { storage: { class: "fast" } } },
    },
  });
});
