import { runtime } from "@pulumi/pulumi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Auth, Permission } from "../../../../topology/file/auth.ts";
import type { Cluster } from "../../../../topology/file/cluster.ts";
import type { Ingress } from "../../../../topology/file/exposure.ts";
import { exposure } from "../../../../topology/file/exposure.ts";
import type { ReplicationEntry } from "../../../../topology/file/replication.ts";
import { type Topology, topologySchema } from "../../../../topology/file/schema.ts";
import { clusterManifests, type DeployedValues } from "../../../../topology/objects/cluster-manifests.ts";
import { bundleOf } from "../../../../topology/objects/trust-manifests.ts";
import { hostPort } from "../../../../topology/plan/names.ts";
import type { Plan, PlannedExposure } from "../../../../topology/plan/plan.ts";
import { planTopology } from "../../../../topology/plan/plan-topology.ts";
import { exposureOf } from "../../../../topology/plan/share.ts";
import { rules } from "../../../../topology/rules/index.ts";
import { topologies } from "../../../support/random-topology.ts";
import { variedTopologies } from "../../../support/varied-topology.ts";

/**
 * The components make the objects of a cluster, and `clusterManifests` says which they are, to everything that only talks of them:
 * `render`, `diff`, `rbac`, `status`, the contract check and the preview. Two walks over one plan, so this holds them together.
 */

interface Registered {
  readonly type: string;
  readonly inputs: Record<string, unknown>;
}

let registered: Registered[] = [];
await runtime.setMocks(
  {
    newResource({ type, name, inputs }) {
      if (type.startsWith("kubernetes:")) registered.push({ type, inputs });
      // `<cluster>/<peer>-token` of a BigPeer whose token nobody gives.
      const peer = /^[^/]+\/(.*)-token$/.exec(name)?.[1];
      return { id: `${name}-id`, state: { ...inputs, result: `token of peer ${peer}` } };
    },
    call: ({ inputs }) => inputs,
  },
  "bigpeer-topology",
  "test",
  false,
);

const { output } = await import("@pulumi/pulumi");
const { Provider } = await import("@pulumi/kubernetes/provider.js");
const { ClusterShare } = await import("../../../../components/cluster-share.ts");
const { ClusterLinks } = await import("../../../../components/cluster-links.ts");
const { exposeTargets, ownedControllers } = await import("../../../../program/exposures.ts");
const { exposeWays, ownedWays } = await import("../../../../program/ways.ts");
const { declaredKeys } = await import("../../../../program/written-keys.ts");
const { FormerNames } = await import("../../../../program/renamed-clusters.ts");

const pemOf = (peer: string) => `-----BEGIN CERTIFICATE-----\n${peer}\n-----END CERTIFICATE-----\n`;
const balancerOf = (cluster: string, service: string) => `${service}.${cluster}.example.com`;
const podsBehind = (service: string) => ({ selector: { replication: service }, targetPort: 4040 });
const appIdOf = (app: string) => `ID of ${app}`;

/** A token that the topology holds or names; `generated` where it does neither. */
function tokenOf(auth: Auth | undefined, generated: string): string {
  const token = auth?.playground?.token;
  return typeof token === "object" ? `secret ${token.config}` : (token ?? generated);
}

/** What the run below deploys with, as `clusterManifests` asks for it. */
function deployedValues(plan: Plan): DeployedValues {
  return {
    appId: appIdOf,
    token: (owner) =>
      "peer" in owner
        ? tokenOf(plan.peers.get(owner.peer)?.settings.auth, `token of peer ${owner.peer}`)
        : tokenOf(plan.apps.get(owner.app)?.auth, `token of app ${owner.app}`),
    caCertificates: (...peers) => Buffer.from(bundleOf(peers.map(pemOf))).toString("base64"),
    loadBalancerAddress: ({ cluster, exposure: id, port }) => {
      const exposure = exposureOf(plan, id);
      return hostPort(balancerOf(cluster, exposure ? addressedBy(exposure) : ""), port);
    },
    serviceBackend: ({ backend: { service } }) => podsBehind(service),
  };
}

/** The object that has the address of an exposure. */
function addressedBy({ way, object }: PlannedExposure): string {
  if (way.kind === "gateway") return way.settings.name;
  return way.kind === "ingressNginx" || way.kind === "transportServer" ? way.settings.service : object;
}

/** What a cluster has in which everything that exposes targets is installed. */
function liveObject(cluster: string, kind: string, name: string): unknown {
  const balancer = balancerOf(cluster, name);
  switch (kind) {
    case "Service": {
      const operators = name.startsWith("ditto-");
      const spec = { selector: podsBehind(name).selector, ports: [{ port: 4040, targetPort: 4040 }] };
      return { ...(operators ? { spec } : {}), status: { loadBalancer: { ingress: [{ hostname: balancer }] } } };
    }
    case "Gateway":
      return {
        spec: { allowedListeners: { namespaces: { from: "All" } } },
        status: { addresses: [{ value: balancer }] },
      };
    case "CustomResourceDefinition": {
      const [plural = "", ...group] = name.split(".");
      const versions = ["v1", "v1alpha2"].map((version) => ({ name: version, served: true }));
      return { metadata: { name }, spec: { group: group.join("."), names: { kind: plural }, versions } };
    }
    case "GatewayClass":
      return {};
    case "ServiceList":
      return { items: [] };
    default:
      return undefined;
  }
}

interface Made {
  /** Every object and every patch. */
  readonly manifests: readonly string[];
  /** What the components register as objects, and what the stack exports of that: `<kind> <namespace>/<name>`. */
  readonly objects: readonly string[];
  readonly exported: readonly string[];
}

/** What the components register for a plan whose clusters one stack owns. */
async function madeByComponents(plan: Plan, expected: number): Promise<Made> {
  registered = [];
  const owned = new Set(plan.clusters.keys());
  const readers = new Map(
    [...owned].map((cluster) => [
      cluster,
      async (kind: string, _: string, name: string) => liveObject(cluster, kind, name),
    ]),
  );
  const providers = new Map([...owned].map((cluster) => [cluster, new Provider(cluster)]));
  const controllers = await ownedControllers(plan, owned, readers);
  const former = new FormerNames(plan, undefined);
  const byControllers = exposeTargets(plan, controllers, providers, former);
  const byWays = exposeWays(await ownedWays(plan, owned, readers), providers, former);
  const addresses = new Map([...byControllers.addresses, ...byWays.addresses]);
  const apps = new Map(
    [...plan.apps.values()].map(({ name, id, auth }) => [
      name,
      { id: id ?? appIdOf(name), token: auth?.playground ? tokenOf(auth, `token of app ${name}`) : undefined },
    ]),
  );
  const certificates = new Map([...plan.peers.keys()].map((peer) => [peer, pemOf(peer)]));
  const exported: string[] = [];
  for (const cluster of owned) {
    const share = new ClusterShare(cluster, {
      plan,
      cluster,
      certificates: { read: () => output("not asked for here") },
      apps,
      configSecret: (key) => `secret ${key}`,
    });
    const links = new ClusterLinks(`${cluster}-links`, {
      ...{ plan, cluster, share, certificates, exposedAddresses: addresses },
    });
    exported.push(...declaredKeys(plan, cluster, share, links, byWays.made.get(cluster) ?? new Set()));
  }
  await settled(expected);
  const isPatch = ({ type }: Registered) => type.endsWith("Patch");
  return {
    manifests: registered.map((each) => written(isPatch(each) ? "patch" : "object", each.inputs)).sort(),
    objects: registered
      .filter((each) => !isPatch(each))
      .map(({ inputs }) => keyOf(inputs))
      .sort(),
    exported: exported.sort(),
  };
}

function keyOf({ kind, metadata }: Readonly<Record<string, unknown>>): string {
  const { namespace, name } = Object(metadata);
  return `${kind} ${namespace}/${name}`;
}

/** Registrations are promises behind promises: they are done when as many as expected are there, and no other one follows. */
async function settled(expected: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  let idle = 0;
  let before = registered.length;
  while (idle < 20 || (registered.length < expected && Date.now() < deadline)) {
    await new Promise((resolve) => setImmediate(resolve));
    idle = registered.length === before ? idle + 1 : 0;
    before = registered.length;
  }
}

/** One object as a text, whatever order its fields are in. */
function written(role: "object" | "patch", fields: Readonly<Record<string, unknown>>): string {
  return `${role} ${JSON.stringify(sorted(plain(fields)))}`;
}

/** What Pulumi wraps a secret in when it hands it to a provider. */
const signature = "4dabf18193072939515e22adb298388d";

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (signature in value && "value" in value) return plain(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}

/** A topology with an error that nobody can suppress is never deployed, and never rendered. */
function isDeployable(topology: Topology, plan: Plan): boolean {
  const strict = rules.filter(({ severity, ignorable }) => severity === "error" && !ignorable);
  return strict.every((rule) => [...rule.check({ topology, plan, file: "topology.yaml" })].length === 0);
}

/** A controller by its defaults. */
const controller = ingressOf(topologySchema.parse({ clusters: { c: { ingress: {} } }, peers: {} }));

function ingressOf({ clusters }: Topology): Ingress {
  const ingress = clusters.c?.ingress;
  if (!ingress) throw new Error("no ingress");
  return ingress;
}

/** Every way other than ingress-nginx, with all that can be written. */
const otherWays = [
  { address: { host: "{service}.{namespace}.svc.clusterset.local", port: 4050 } },
  { loadBalancer: {} },
  {
    loadBalancer: {
      class: "service.k8s.aws/nlb",
      annotations: { "external-dns.alpha.kubernetes.io/hostname": "{replication}-{peer}.example.com" },
      externalTrafficPolicy: "Local",
      sourceRanges: ["203.0.113.0/24"],
      host: "{replication}-{peer}.example.com",
      ports: "6000-6999",
      backend: { selector: { replication: "{service}" }, targetPort: 4040 },
    },
  },
  { nodePort: { host: "nodes.example.com" } },
  { gateway: { name: "tcp", namespace: "infra" } },
  { gateway: { name: "own", namespace: "ditto", listeners: "gateway", className: "envoy", routeVersion: "v1alpha2" } },
  { gateway: { name: "tcp", namespace: "infra", listeners: "existing", listener: "tcp-{port}" } },
  { transportServer: {} },
  { transportServer: { ingressClass: "nginx", manage: "listeners" } },
].map((each) => exposure.parse(each));

/** What the generated topologies lack: tokens of every kind, permissions, webhooks, and settings of a store. */
const withSettings: fc.Arbitrary<Topology> = fc
  .record({
    topology: variedTopologies,
    token: fc.constantFrom(undefined, "in plain text", { config: "playground" }),
    read: fc.constantFrom<Permission>("everything", "nothing", { cars: ["color = 'blue'"] }),
    // Three clusters have three ways, so that a third of the topologies has each.
    ways: fc.constantFrom(otherWays.slice(0, 3), otherWays.slice(3, 6), otherWays.slice(6)),
    exposedBy: fc.constantFrom<string[] | undefined>(
      undefined,
      ["other"],
      ["other"],
      ["default", "other"],
      ["other", "default"],
    ),
  })
  .map(({ topology, token, read, ways, exposedBy }) => {
    const auth: NonNullable<Topology["peers"][string]["auth"]> = {
      playground: { token, sessionLength: 604800, permissions: { read, write: "everything" } },
      webhooks: { idp: { url: "https://idp.example.com/ditto" } },
    };
    const [first, second] = Object.keys(topology.peers);
    const [template] = Object.values(topology.peers);
    // Every peer that a replication may name is there.
    const members = new Set(Object.values(topology.replications).flatMap(membersOf));
    const missing = [...members].flatMap((name, index): [string, Topology["peers"][string]][] =>
      template && !topology.peers[name] ? [[name, { ...template, cluster: `c${index % 3}` }]] : [],
    );
    const peers = Object.fromEntries(
      [...Object.entries(topology.peers), ...missing].map(([name, peer]): [string, Topology["peers"][string]] => {
        const store = { mrf: 2, partitions: 3, storage: "10Gi", resources: { requests: { cpu: "500m" } } };
        const settings = name === first ? { auth } : name === second ? { store, subscriptions: { replicas: 2 } } : {};
        return [name, { ...peer, ...settings }];
      }),
    );
    const apps = Object.fromEntries(
      Object.entries(topology.apps).map(([name, app], index): [string, Topology["apps"][string]] => [
        name,
        // Whatever peers there are serve it, so that its replications can be.
        { ...app, id: index === 0 ? app.id : undefined, peers: Object.keys(peers), ...(index === 0 ? { auth } : {}) },
      ]),
    );
    // Each cluster is one of its own that can be dialled into, by a host or by its load balancer; ports are planned.
    const clusters = Object.fromEntries(
      Object.entries(topology.clusters).map(([name, cluster], index): [string, Cluster] => {
        const host = cluster.ingress?.host === undefined ? undefined : `${name}.example.com`;
        const edge = {
          ...controller,
          service: "edge",
          deployment: "edge",
          configMap: "edge",
          ports: { first: 7000, last: 7999 },
        };
        const ingress = { ...controller, ...cluster.ingress, ports: controller.ports, host };
        const other = ways[index];
        const exposures = other ? { other } : {};
        const shown = { ingress, ingresses: { edge }, exposures, exposure: exposedBy };
        return [name, { ...cluster, context: undefined, inbound: undefined, ...shown }];
      }),
    );
    const replications = Object.fromEntries(
      Object.entries(topology.replications).map(([name, entry]) => [name, { ...entry, port: undefined }]),
    );
    return { ...topology, environment: "development", clusters, peers, apps, replications };
  });

/** Every cluster has another way than ingress-nginx, alone or beside it. */
const exposedInEveryWay: fc.Arbitrary<Topology> = fc
  .record({
    topology: topologies,
    // Twice as often what makes an object of its own kind: a Gateway of ours, and the listeners of F5 NGINX.
    first: fc.constantFrom(...otherWays.keys(), 5, 5, 8, 8),
    exposedBy: fc.constantFrom<string[]>(["other"], ["default", "other"], ["other", "default"]),
  })
  .map(({ topology, first, exposedBy }) => {
    const clusters = Object.entries(topology.clusters).map(([name, cluster], index): [string, Cluster] => {
      const other = otherWays[(first + index) % otherWays.length];
      return [name, { ...cluster, exposures: other ? { other } : {}, exposure: exposedBy }];
    });
    return { ...topology, clusters: Object.fromEntries(clusters) };
  });

function membersOf({ between, from, to, hub, spokes, mesh }: ReplicationEntry): string[] {
  return [...(between ?? []), from ?? [], to ?? [], hub ?? [], ...(spokes ?? []), ...(mesh ?? [])].flat();
}

/** Every object that is said to be in a cluster of the plan. */
function saidOf(plan: Plan): string[] {
  const values = deployedValues(plan);
  return [...plan.clusters.keys()].flatMap((cluster) =>
    clusterManifests(plan, cluster, values).map(({ manifest, role }) => written(role, manifest)),
  );
}

async function compare(topology: Topology): Promise<void> {
  const plan = planTopology(topology);
  fc.pre(isDeployable(topology, plan));
  const said = saidOf(plan);
  const { manifests, objects, exported } = await madeByComponents(plan, said.length);
  expect(manifests).toEqual(said.sort());
  // Of what a stack exports no cluster is asked again.
  expect(exported).toEqual(objects);
}

const always = ["BigPeer", "BigPeerApp", "BigPeerReplication", "Secret", "ConfigMap", "Service"];

describe.each<[kind: string, topologies: fc.Arbitrary<Topology>, kinds: readonly string[], numRuns: number]>([
  ["as users write them", topologies, always, 40],
  ["with everything that a file may say", withSettings, always, 40],
  [
    "whose targets are exposed in every way",
    exposedInEveryWay,
    [...always, "TCPRoute", "ListenerSet", "Gateway", "TransportServer", "GlobalConfiguration"],
    150,
  ],
])("topologies %s", (_, arbitrary, expected, numRuns) => {
  test("the components make exactly the objects that every command tells of", { timeout: 180_000 }, async () => {
    await fc.assert(fc.asyncProperty(arbitrary, compare), { numRuns });
  });

  // Always the same topologies, since a few random ones may well lack a kind.
  test("objects of every kind are among those that are compared", () => {
    const kinds = new Set<string>();
    for (const topology of fc.sample(arbitrary, { seed: 1, numRuns: 400 })) {
      const plan = planTopology(topology);
      if (!isDeployable(topology, plan)) continue;
      for (const each of saidOf(plan)) kinds.add(/"kind":"(\w+)"/.exec(each)?.[1] ?? "");
    }
    expect([...kinds]).toEqual(expect.arrayContaining([...expected]));
  });
});
