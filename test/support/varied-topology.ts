import fc from "fast-check";
import { type Topology, topologySchema } from "../../topology/file/schema.ts";

/**
 * Topologies with everything that a file may say: every form of replication, several apps, namespaces, ingress controllers, pinned
 * ports, settings that are passed through, another operator. Names come from small pools, so that two of them have much in common.
 * Not all of them pass the rules; a plan can be made of each.
 */
const peerNames = ["p0", "p1", "p2", "p3", "p4", "p5"];
const clusterNames = ["c0", "c1", "c2"];
const collections = ["cars", "trucks"];

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const seldom = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const some = <const T>(...values: T[]) => fc.constantFrom(...values);

const ingress = fc.record({
  host: optional(some("one.example.com", "two.example.com")),
  ports: some("4040-4139", "5000-5999"),
  namespace: some("ingress-nginx", "edge"),
  manage: some("check", "arguments"),
  proxyProtocol: some("none", "decode"),
});

/** Every way of exposing targets other than ingress-nginx. */
const way = some<object>(
  { address: { host: "{service}.{namespace}.svc.clusterset.local" } },
  { loadBalancer: {} },
  { loadBalancer: { sourceRanges: ["203.0.113.0/24"], host: "{replication}-{peer}.example.com" } },
  { nodePort: { host: "nodes.example.com" } },
  { gateway: { name: "tcp", namespace: "infra" } },
  { gateway: { name: "tcp", namespace: "infra", listeners: "gateway", className: "envoy" } },
  { gateway: { name: "tcp", namespace: "infra", listeners: "existing", host: "gw.example.com" } },
  { transportServer: {} },
  { transportServer: { manage: "listeners", host: "f5.example.com" } },
);

const cluster = fc.record({
  context: optional(some("here", "there")),
  namespace: some("ditto", "cars"),
  stack: optional(some("dev-east", "dev-west")),
  inbound: optional(fc.constant("none")),
  ingress: optional(ingress),
  ingresses: optional(fc.record({ edge: ingress })),
  exposures: optional(fc.record({ other: way })),
  exposure: optional(some<string | string[]>("other", ["default", "other"], ["other", "default"])),
});

const auth = fc.record({
  playground: optional(fc.constant({})),
  webhooks: optional(fc.constant({ own: { url: "https://auth.example.com/ditto" } })),
});

/** Issuers that sign CAs: of two clusters, of one namespace, and an external one. */
const issuer = some<object>(
  { name: "big-peers" },
  { name: "others" },
  { name: "own", kind: "Issuer" },
  { name: "company", kind: "GoogleCASClusterIssuer", group: "cas-issuer.jetstack.io" },
);

const peer = fc.record({
  caIssuer: seldom(fc.oneof(issuer, fc.constant("none"))),
  cluster: some(...clusterNames),
  namespace: optional(some("ditto", "own")),
  version: some("1.63.1", "1.63.2"),
  ingress: optional(fc.constant("edge")),
  exposure: optional(some<string | string[]>("other", ["edge", "other"])),
  address: fc.option(fc.constant("peer.example.com"), { nil: undefined, freq: 8 }),
  store: optional(fc.record({ replicas: fc.integer({ min: 1, max: 3 }), storage: some("1Gi", "1024Mi", "10Gi") })),
  host: optional(some("api.example.com")),
  auth: optional(auth),
  kafkaListener: optional(fc.boolean()),
  spec: optional(some({ image: { pullPolicy: "Always" } }, { "a.b": { c: [1, { d: null }] } })),
});

const queries = fc.dictionary(
  some(...collections),
  fc.uniqueArray(some("color = 'blue'", "color = 'red'", "color IN ('blue', 'red')", "true"), {
    minLength: 1,
    maxLength: 2,
  }),
  { minKeys: 1, maxKeys: 2 },
);

const replication = fc
  .record({
    form: some("between", "one-way", "hub", "mesh"),
    app: some("vehicles", "people"),
    members: fc.shuffledSubarray(peerNames, { minLength: 2, maxLength: 5 }),
    one: queries,
    other: queries,
    dial: optional(fc.nat(1)),
    port: optional(fc.integer({ min: 4040, max: 4060 })),
    spec: optional(some({ rate: 5 }, { rate: 6, paused: true })),
  })
  .map(({ form, app, members, one, other, dial, port, spec }) => {
    const [first = "", second = ""] = members;
    const written = {
      between: { between: [first, second], queries: one },
      "one-way": { from: first, to: second, queries: one },
      hub: { hub: first, spokes: members.slice(1), down: one, up: other },
      mesh: { mesh: members, queries: one },
    }[form];
    return {
      app,
      ...written,
      ...(dial === undefined || form === "mesh" || form === "hub" ? {} : { dial: members[dial] }),
      ...(port === undefined ? {} : { port }),
      ...(spec === undefined ? {} : { spec }),
    };
  });

const app = fc.record({
  id: optional(some("2164bef3-37c0-489c-9ac6-c94b034525d7", "85d94eeb-b9be-4b2b-8c9f-7ebd3b6a1e1c")),
  peers: fc.subarray(peerNames, { minLength: 1 }),
  auth: optional(auth),
  spec: optional(some({ displayName: "Vehicles" }, { "a.b": { c: [1] } })),
});

const operator = fc.record({
  version: some("v1alpha1", "v1alpha1", "v1alpha2"),
  group: some("ditto.live", "ditto.live", "example.com"),
  shapes: optional(some<object>({ trustedCa: "{secret}" }, { trustedCa: { name: "{secret}", certificate: "{key}" } })),
  trustSecret: optional(some<object>({ certificateKey: "ca.pem" }, { bundle: true })),
  kinds: fc.record({ replication: some("BigPeerReplication", "BigPeerReplication", "Replication") }),
});

const sections = fc.record({
  caIssuer: seldom(issuer),
  environment: some("development", "production"),
  confirmRemoval: fc.subarray(peerNames.slice(0, 2)),
  allowReplace: fc.subarray(["peers.p0", "peers.p2", "apps.people"]),
  operator,
  clusters: fc.tuple(...clusterNames.map(() => cluster)).map((all) => named(clusterNames, all)),
  peers: fc
    .tuple(fc.subarray(peerNames, { minLength: 1 }), fc.array(peer, { minLength: 6, maxLength: 6 }))
    .map(([names, all]) => named(names, all)),
  apps: fc
    .tuple(fc.subarray(["vehicles", "people"], { minLength: 1 }), fc.tuple(app, app))
    .map(([names, all]) => named(names, all)),
  replications: fc
    .tuple(fc.subarray(["r0", "r1", "r2", "r3", "r4"]), fc.array(replication, { minLength: 5, maxLength: 5 }))
    .map(([names, all]) => named(names, all)),
});

function named<T>(names: readonly string[], values: readonly T[]): Record<string, T> {
  return Object.fromEntries(
    names.flatMap((name, index) => values.slice(index, index + 1).map((value) => [name, value])),
  );
}

/** As a file gives it: what is undefined is not there. */
function parsed(raw: unknown): Topology {
  return topologySchema.parse(JSON.parse(JSON.stringify(raw)));
}

export const variedTopologies: fc.Arbitrary<Topology> = sections.map(parsed);

/** Two topologies that differ in everything, or in some sections, or in one entry of one section. */
export const variedPairs: fc.Arbitrary<[Topology, Topology]> = fc.oneof(
  fc.tuple(variedTopologies, variedTopologies),
  fc
    .tuple(
      sections,
      sections,
      fc.subarray(["environment", "caIssuer", "operator", "clusters", "peers", "apps", "replications"]),
    )
    .map(([one, other, keys]): [Topology, Topology] => [
      parsed(one),
      parsed({ ...one, ...Object.fromEntries(Object.entries(other).filter(([key]) => keys.includes(key))) }),
    ]),
  fc
    .tuple(sections, sections, fc.constantFrom("clusters", "peers", "apps", "replications"), fc.nat(5))
    .map(([one, other, key, index]): [Topology, Topology] => {
      const entry = Object.entries(other[key]).slice(index, index + 1);
      return [parsed(one), parsed({ ...one, [key]: { ...one[key], ...Object.fromEntries(entry) } })];
    }),
);
