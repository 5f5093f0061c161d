import fc from "fast-check";
import { describe, expect, test } from "vitest";
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
const pemOf = (...peers: string[]) =>
  peers.map((peer) => `-----BEGIN CERTIFICATE-----\n${base64(`CA of ${peer}`)}\n-----END CERTIFICATE-----\n`).join("");

/** What a cluster holds after our own manifests of a plan were applied to it. */
function contentsOf(plan: Plan, cluster: string): ClusterContents {
  const manifests = clusterManifests(plan, cluster, {
    ...placeholders,
    caCertificates: (...peers) => base64(pemOf(...peers)),
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
  const partners = [...plan.peers.values()].flatMap(({ namespace, otherTrustSecrets }) =>
    otherTrustSecrets.map((secret): [string, string] => [`${namespace}/${secret}`, pemOf(secret)]),
  );
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
    certificates: new Map([...secrets, ...authorities, ...partners]),
    issuers: new Map(issuers),
  };
}

function merged(one: Manifest, other: Manifest): Manifest {
  const spec = z.looseObject({ auth: z.looseObject({}).default({}) });
  const [own, patched] = [spec.parse(one.spec), spec.parse(other.spec)];
  return { ...one, spec: { ...own, auth: { ...own.auth, ...patched.auth } } };
}

/** What no random topology has by itself: pauses, playgrounds, and Secrets of other names. */
interface Additions {
  readonly paused: readonly boolean[];
  readonly playgrounds: readonly boolean[];
  readonly named: readonly ("each" | "one" | "no")[];
  readonly partners: readonly boolean[];
}
const additions: fc.Arbitrary<Additions> = fc.record({
  paused: fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
  playgrounds: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  named: fc.array(fc.constantFrom("each", "one", "no"), { minLength: 1, maxLength: 7 }),
  partners: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
});
const playground = {
  permissions: { read: { cars: ["color = 'blue'"] }, write: "nothing" as const },
  sessionLength: 600,
};
function withAdditions(topology: Topology, { paused, playgrounds, named, partners }: Additions): Topology {
  const { peers: trusting } = planTopology(topology);
  const at = <T>(list: readonly T[], index: number) => list[index % list.length];
  const peers = Object.entries(topology.peers).map(([name, peer], index) => {
    const trusts = trusting.get(name)?.trusts ?? [];
    const kind = at(named, index);
    const names = trusts.map(({ peer: other }) => [other, kind === "one" ? `cas-of-${name}` : `${other}-for-${name}`]);
    return [
      name,
      {
        ...peer,
        ...(at(playgrounds, index) ? { auth: { playground } } : {}),
        ...(kind === "no" ? {} : { trustSecrets: Object.fromEntries(names) }),
        ...(at(partners, index) ? { otherTrustSecrets: [`partner-of-${name}`] } : {}),
      },
    ];
  });
  const apps = Object.entries(topology.apps).map(([name, app]) => [
    name,
    at(playgrounds, 1) ? { ...app, auth: { playground } } : app,
  ]);
  const replications = Object.entries(topology.replications).map(([name, entry], index) => [
    name,
    at(paused, index) ? { ...entry, paused: true } : entry,
  ]);
  return {
    ...topology,
    peers: Object.fromEntries(peers),
    apps: Object.fromEntries(apps),
    replications: Object.fromEntries(replications),
  };
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
      [...plan.replications.values()].flatMap(({ name, links, paused }) =>
        links.map((link) => ({ name, paused, ...link })),
      ),
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
    fc.property(topologies, fc.oneof(additions, fc.constantFrom("own CAs", "one issuer")), (topology, added) => {
      const plan = planTopology(
        added === "one issuer"
          ? { ...withId(topology), caIssuer: bigPeers }
          : added === "own CAs"
            ? withId(topology)
            : withAdditions(withId(topology), added),
      );
      const dialled = plan.exposures.map(({ cluster, port }) => `${cluster}:${port}`);
      // Two targets at one port, and a target that nobody can dial into, are refused before anything is deployed.
      fc.pre(new Set(dialled).size === dialled.length);
      fc.pre(plan.exposures.every(({ cluster }) => !plan.clusters.get(cluster)?.closed));
      // Where one side dials one port of two clusters, no object of these clusters says which host is whose.
      const ports = plan.exposures.map(({ replication, port }) => `${replication}:${port}`);
      fc.pre(new Set(ports).size === ports.length);
      const { topology: again, leftOut } = imported(plan);
      // A token has to be put into the configuration by hand, and nobody knows whose CA a partner's is.
      expect(leftOut.filter(({ reason }) => !/playground|otherTrustSecrets/.test(reason))).toEqual([]);
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

describe("a Secret with CAs that has another name than the topology would give it", () => {
  const ca = (name: string, ...peers: string[]): [string, string] => [`ditto/${name}`, pemOf(...peers)];
  /** bp1 trusts by one Secret, and everybody's own CA is known. */
  const trustedBy = (secret: [string, string], more: Partial<ClusterContents> = {}) =>
    byHand(
      {
        bigPeers: [bigPeer("bp1", ["west-ca"])],
        certificates: new Map([ca("ditto-bp1-ca", "bp1"), secret]),
        ...more,
      },
      { certificates: new Map([ca("ditto-bp2-ca", "bp2"), ca("bp2-trusts-bp1", "bp1")]) },
    );
  const entryOf = ({ topology }: ReturnType<typeof importTopology>) => Object(topology.peers).bp1;

  test("keeps its name, so that an update changes nothing in the list", () => {
    const found = trustedBy(ca("west-ca", "bp2"));
    expect(found.leftOut).toEqual([]);
    expect(entryOf(found)).toMatchObject({ trustSecrets: { bp2: "west-ca" } });
    const { trusts, otherTrustSecrets } = planned(found.topology).peers.get("bp1") ?? {};
    expect(trusts).toEqual([{ peer: "bp2", secret: "west-ca" }]);
    expect(otherTrustSecrets).toEqual([]);
  });

  test("stays on the list as it is where it holds a CA that nobody knows, and is listed with what comes beside it", () => {
    const found = trustedBy(ca("west-ca", "bp2", "partner"));
    expect(entryOf(found)).toMatchObject({ otherTrustSecrets: ["west-ca"] });
    expect(entryOf(found)).not.toHaveProperty("trustSecrets");
    expect(listed(found)).toEqual([
      "east: Secret ditto/west-ca: bp1 trusts it, and it contains a CA that belongs to none of the Big Peers linked with bp1 in these clusters, so it stays on the list as it is (`peers.bp1.otherTrustSecrets`); an update lists bp1-trusts-bp2 beside it",
    ]);
    expect(found.leftOut[0]?.offer).toContain("kubectl --context east -n ditto edit bigpeers.ditto.live bp1");
  });

  test("is not taken from another Big Peer that trusts it, too", () => {
    const bigPeers = [bigPeer("bp1", ["west-ca"]), bigPeer("bp0", ["west-ca"])];
    const found = trustedBy(ca("west-ca", "bp2"), { bigPeers });
    expect(listed(found)).toEqual([
      expect.stringMatching(
        /^east: Secret ditto\/west-ca: bp1 trusts it, and bp0 trusts it, too, .*bp1-trusts-bp2 beside it$/,
      ),
      expect.stringMatching(
        /^east: Secret ditto\/west-ca: bp0 trusts it, and it contains a CA that belongs to none of the Big Peers .*\)$/,
      ),
    ]);
  });

  test.each([
    ["cannot be written", { untouchable: new Map([["ditto/west-ca", "it is immutable"]]) }, "it is immutable"],
    ["could not be read", { certificates: new Map([ca("ditto-bp1-ca", "bp1")]) }, "its certificates could not be read"],
  ])("stays as it is where it %s", (_, more, why) => {
    const found = trustedBy(ca("west-ca", "bp2"), more);
    expect(entryOf(found)).toMatchObject({ otherTrustSecrets: ["west-ca"] });
    expect(listed(found)).toEqual([expect.stringContaining(`west-ca: bp1 trusts it, and ${why}, so it stays`)]);
  });

  test("stays beside the usual one that holds the same CA", () => {
    const found = trustedBy(ca("west-ca", "bp2"), {
      bigPeers: [bigPeer("bp1", ["bp1-trusts-bp2", "west-ca"])],
      certificates: new Map([ca("ditto-bp1-ca", "bp1"), ca("west-ca", "bp2"), ca("bp1-trusts-bp2", "bp2")]),
    });
    expect(listed(found)).toEqual([
      expect.stringContaining("it contains a CA that bp1 also trusts through another Secret"),
    ]);
    expect(planned(found.topology).peers.get("bp1")?.trusts).toEqual([{ peer: "bp2", secret: "bp1-trusts-bp2" }]);
  });
});

describe("a playground", () => {
  const token = "a-token-that-nobody-may-see";
  const anonymous = (read: object, more: object = {}) => ({
    anonymous: {
      permission: { read, write: { everything: true, queriesByCollection: {} }, ...more },
      sessionLength: 604_800,
      sharedToken: token,
    },
  });
  const everything = { everything: true, queriesByCollection: {} };
  const withPlayground = (value: object) => {
    const spec = { version: "1.63.2", auth: { providers: { __playgroundProvider: value } } };
    return byHand({ bigPeers: [{ metadata: { name: "bp1", namespace: "ditto" }, spec }] });
  };

  test("names a key of the configuration in the place of its token, with the command that copies the token there", () => {
    const found = withPlayground(anonymous(everything));
    expect(Object(found.topology.peers).bp1).toMatchObject({
      auth: { playground: { token: { config: "playground-peer-bp1" } } },
    });
    expect(JSON.stringify(found)).not.toContain(token);
    expect(found.leftOut).toEqual([
      expect.objectContaining({
        object: "BigPeer ditto/bp1",
        reason: expect.stringContaining("bigpeer:playground-peer-bp1"),
      }),
    ]);
    expect(found.leftOut[0]?.offer).toContain(
      "kubectl --context east -n ditto get bigpeers.ditto.live bp1 -o jsonpath='{.spec.auth.providers.__playgroundProvider.anonymous.sharedToken}' | pulumi config set --secret bigpeer:playground-peer-bp1",
    );
  });

  test("with queries of an older language stays in the cluster as it is, and is listed", () => {
    const queries = { everything: false, queriesByCollection: { cars: ["color == 'blue'"] } };
    const found = withPlayground(anonymous(queries));
    expect(Object(found.topology.peers).bp1).not.toHaveProperty("auth");
    expect(listed(found)).toEqual([
      expect.stringContaining("__playgroundProvider has a form that `auth` does not support"),
    ]);
    const dql = withPlayground(anonymous(queries, { qlVersion: 1 }));
    expect(Object(dql.topology.peers).bp1).toMatchObject({
      auth: { playground: { permissions: { read: queries.queriesByCollection, write: "everything" } } },
    });
  });
});

test("an app whose auth differs between two Big Peers is listed, since the topology has one for all", () => {
  const webhook = (url: string) => ({ appId: id, auth: { providers: { sso: { webhookUrl: url } } } });
  const own = app("cars-bp2", "bp2");
  const found = byHand(
    { apps: [{ ...app("cars-bp1", "bp1"), spec: webhook("https://one.example.com") }] },
    { apps: [{ ...own, spec: webhook("https://two.example.com") }] },
  );
  expect(listed(found)).toEqual([
    "west: BigPeerApp ditto/cars-bp2: its auth providers differ from those of cars-bp1, and `apps.cars.auth` applies to all peers",
  ]);
});

test("a replication of which some sides are paused and others dial is listed", () => {
  const paused = {
    ...side("blue-cars-bp3", "bp3", { connections: [], queriesByCollection: blue }),
    metadata: {
      ...side("blue-cars-bp3", "bp3", {}).metadata,
      annotations: { "bigpeer-topology/paused-connections": "bp.west.example.com:4117" },
    },
  };
  const found = byHand({
    bigPeers: [bigPeer("bp1", ["bp1-trusts-bp2"]), bigPeer("bp3", ["bp3-trusts-bp2"])],
    apps: [app("cars-bp1", "bp1"), app("cars-bp3", "bp3")],
    replications: [
      side("blue-cars-bp1", "bp1", { connections: ["bp.west.example.com:4117"], queriesByCollection: blue }),
      paused,
    ],
  });
  expect(listed(found)).toContain(
    "east: BigPeerReplication ditto/blue-cars-bp3: some of its sides are paused and others dial",
  );
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
  expect(result.leftOut[0]?.offer).toMatch(/^let the update create /);
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
