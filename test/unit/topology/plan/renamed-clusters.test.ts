import { type Input, type ProviderResource, type Resource, runtime } from "@pulumi/pulumi";
import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { topologyType } from "../../../../engine/urn.ts";
import type { OwnedController } from "../../../../program/exposures.ts";
import type { StackReading } from "../../../../program/other-stacks.ts";
import type { StackExports } from "../../../../program/stack-exports.ts";
import { planText } from "../../../../topology/check.ts";
import { diffTopologies } from "../../../../topology/diff/compare.ts";
import { applyObjectChanges, compareObjects, plannedObjects } from "../../../../topology/diff/object-changes.ts";
import type { Topology } from "../../../../topology/file/schema.ts";
import { objectKey } from "../../../../topology/objects/object-reference.ts";
import type { Plan } from "../../../../topology/plan/plan.ts";
import { planTopology } from "../../../../topology/plan/plan-topology.ts";
import { planInNamesOf, reachesOf, renamedClusters } from "../../../../topology/plan/renamed-clusters.ts";
import { serviceWith } from "../../../support/ingress-installations.ts";
import { variedPairs } from "../../../support/varied-topology.ts";

/** What a registration waits for. */
let held: Promise<void> | undefined;
await runtime.setMocks(
  {
    newResource: async ({ name, inputs }) => {
      await held;
      return { id: `${name}-id`, state: { ...inputs, result: "generated" } };
    },
    call: ({ inputs }) => inputs,
  },
  "bigpeer-topology",
  "test",
  false,
);
const { ClusterShare } = await import("../../../../components/cluster-share.ts");
const { ClusterLinks } = await import("../../../../components/cluster-links.ts");
const { exposeTargets } = await import("../../../../program/exposures.ts");
const { exposedAddresses } = await import("../../../../program/links.ts");
const { readingInNamesOf } = await import("../../../../program/other-stacks.ts");
const { FormerNames } = await import("../../../../program/renamed-clusters.ts");
const { ComponentResource, output } = await import("@pulumi/pulumi");
const { Provider } = await import("@pulumi/kubernetes/provider.js");

describe("a cluster is another one's new name", () => {
  const renamed = (before: Record<string, string>, after: Record<string, string>) => {
    const reaches = (contexts: Record<string, string>) =>
      new Map(Object.entries(contexts).map(([name, context]) => [name, { context }]));
    return [...renamedClusters(reaches(before), reaches(after))].map(([name, former]) => `${former} is ${name}`);
  };

  test("if it has its context, and that one is there no more", () => {
    expect(renamed({ east: "k1", west: "k2" }, { north: "k1", west: "k2" })).toEqual(["east is north"]);
  });

  test.each([
    ["another context", { east: "k1" }, { north: "k2" }],
    ["a cluster beside it", { east: "k1" }, { east: "k1", north: "k1" }],
    ["either of two that were there", { east: "k1", west: "k1" }, { north: "k1" }],
    ["two at once", { east: "k1" }, { north: "k1", south: "k1" }],
    ["a name that was another cluster's", { east: "k1", north: "k2" }, { north: "k1" }],
    ["the name of a cluster that is gone in the place of another", { east: "k1" }, { north: "k1", east: "k2" }],
  ])("not if it is %s", (_, before, after) => {
    expect(renamed(before, after)).toEqual([]);
  });

  test("not if its context is one of another kubeconfig", () => {
    const plan = (name: string, kubeconfig: string) =>
      planText(`clusters: { ${name}: { context: admin, kubeconfig: ${kubeconfig} } }\npeers: {}\napps: {}`).plan;
    const reaches = (name: string, kubeconfig: string) => reachesOf(plan(name, kubeconfig));
    expect([...renamedClusters(reaches("east", "a.yaml"), reaches("north", "a.yaml"))]).toEqual([["north", "east"]]);
    expect([...renamedClusters(reaches("east", "a.yaml"), reaches("north", "b.yaml"))]).toEqual([]);
  });
});

/** Every cluster with a context of its own, so that it is known again. */
function withContexts(topology: Topology): Topology {
  const clusters = Object.entries(topology.clusters).map(([name, one]) => [name, { ...one, context: `at ${name}` }]);
  return { ...topology, clusters: Object.fromEntries(clusters) };
}

function withNames(topology: Topology, names: Readonly<Record<string, string>>): Topology {
  const called = (name: string) => names[name] ?? name;
  const entries = <T>(record: Readonly<Record<string, T>>) => Object.entries(record);
  return {
    ...topology,
    clusters: Object.fromEntries(entries(topology.clusters).map(([name, one]) => [called(name), one])),
    peers: Object.fromEntries(
      entries(topology.peers).map(([name, one]) => [name, { ...one, cluster: called(one.cluster) }]),
    ),
  };
}

describe("in a diff", () => {
  const names = { c0: "north", c2: "south" };
  const pairs = variedPairs.map(([before, after]) => ({
    base: planTopology(withContexts(before)),
    renamedBase: planTopology(withNames(withContexts(before), names)),
    head: planTopology(withContexts(after)),
    renamed: planTopology(withNames(withContexts(after), names)),
  }));
  const diffOf = (base: Plan, head: Plan) =>
    diffTopologies({ name: "base", plan: base, findings: [] }, { name: "head", plan: head, findings: [] });
  /** With the new names for the former ones. */
  const renamedText = (value: unknown) =>
    JSON.stringify(value).replaceAll(/\bc[02]\b/g, (name) => (name === "c0" ? names.c0 : names.c2));

  test("a renamed cluster changes nothing of what else is reported", () => {
    fc.assert(
      fc.property(pairs, ({ base, head, renamed }) => {
        const { clusters: _, consequences: said, ...plain } = diffOf(base, head);
        const { clusters: told, consequences, ...shown } = diffOf(base, renamed);
        const summaryless = (diff: typeof shown) => ({ ...diff, summary: "" });
        expect(JSON.stringify(summaryless(shown))).toBe(renamedText(summaryless(plain)));
        expect(JSON.stringify(consequences.slice(2))).toBe(renamedText(said));
        expect(told.map(({ action, name, fields }) => [action, name, fields[0]])).toEqual(
          expect.arrayContaining([
            ["changed", "north", expect.objectContaining({ path: "name", before: "c0", after: "north" })],
            ["changed", "south", expect.objectContaining({ path: "name", before: "c2", after: "south" })],
          ]),
        );
      }),
    );
  });

  test("the base in the head's names is what it would be if it had them itself", () => {
    fc.assert(
      fc.property(pairs, ({ base, renamedBase, renamed }) => {
        expect(planInNamesOf(renamed, base)).toEqual(renamedBase);
      }),
    );
  });

  test("the changes, applied to the base's objects in the head's names, give the head's", () => {
    fc.assert(
      fc.property(pairs, ({ base, renamed }) => {
        const [before, after] = [plannedObjects(planInNamesOf(renamed, base)), plannedObjects(renamed)];
        const expected = new Map(after.map(({ ref, manifest }) => [objectKey(ref), manifest]));
        expect(applyObjectChanges(before, compareObjects(before, after))).toEqual(expected);
      }),
    );
  });

  test("says that it is the same cluster, and where else the name is written", () => {
    const { base, renamed } = fc.sample(pairs, { numRuns: 1, seed: 7 })[0] ?? {};
    expect(base && renamed && diffOf(base, renamed).consequences[0]).toMatch(
      /^The cluster c0 is called north: its objects stay.* bigpeer:clusters/,
    );
  });
});

const file = `
environment: development
clusters:
  east:
    context: k1
    stack: dev-east
    ingress: { ports: 4040-4139, manage: arguments }
    ingresses: { edge: { host: edge.example.com, namespace: edge } }
  west: { stack: dev-west, ingress: { ports: 4040-4139 } }
peers:
  bp1: { cluster: east, version: 1.63.2, auth: { playground: {} } }
  bp2: { cluster: west, version: 1.63.2 }
  bp3: { cluster: east, version: 1.63.2, ingress: edge }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2, bp3], auth: { playground: {} } }
replications:
  blue-cars: { app: cars, between: [bp2, bp1], queries: { cars: ["color = 'blue'"] } }
  red-cars: { app: cars, between: [bp2, bp3], queries: { cars: ["color = 'red'"] } }
`;
const { plan: earlier } = planText(file);
const { plan: later } = planText(file.replaceAll("east:", "north:").replaceAll("cluster: east", "cluster: north"));
const exported: StackExports = {
  ...{ contract: 1, peers: {}, replications: {}, apps: {}, trusted: {} },
  clusters: Object.fromEntries(reachesOf(earlier)),
  exposures: { "east/blue-cars/bp1": "192.0.2.7:4042" },
  dialled: { "east/red-cars/bp3": "192.0.2.8:4043" },
};

describe("in an update", () => {
  const registered = new Map<string, string[]>();
  /** URN -> the URNs that the engine is told it had before. */
  const formerUrns = new Map<string, string[]>();
  const monitor = runtime.getMonitor();
  beforeEach(() => registered.clear());
  if (!monitor) throw new Error("there is no monitor");
  const register = monitor.registerResource.bind(monitor);
  vi.spyOn(monitor, "registerResource").mockImplementation((...args: unknown[]) => {
    const [request] = args;
    if (typeof request === "object" && request && "getName" in request) note(request);
    return Reflect.apply(register, monitor, args);
  });

  function note(request: object) {
    const value = (name: string, of: object = request): unknown => Reflect.apply(Reflect.get(of, name), of, []);
    const aliases = value("getAliasesList");
    const [scheme = "", project = "", parents = ""] = String(value("getParent")).split("::");
    const types = [...parents.split("$"), String(value("getType"))].filter(
      (type) => type !== "" && type !== "pulumi:pulumi:Stack",
    );
    const urn = [scheme || "urn:pulumi:test", project || "bigpeer-topology", types.join("$"), value("getName")].join(
      "::",
    );
    const urns = Array.isArray(aliases) ? aliases.map((alias: object) => String(value("getUrn", alias))) : [];
    formerUrns.set(
      urn,
      urns.filter((each) => each !== ""),
    );
    const named = Array.isArray(aliases) ? aliases.map((alias: object) => specName(value("getSpec", alias))) : [];
    registered.set(
      `${value("getType")} ${value("getName")}`,
      named.filter((name) => name !== ""),
    );
  }

  function specName(spec: unknown): string {
    return typeof spec === "object" && spec ? String(Reflect.apply(Reflect.get(spec, "getName"), spec, [])) : "";
  }

  /** Makes the whole share of a cluster. */
  async function make(
    plan: Plan,
    cluster: string,
    { said = exported, topology }: { said?: StackExports; topology?: Resource } = {},
  ): Promise<Map<string, string[]>> {
    registered.clear();
    formerUrns.clear();
    const former = new FormerNames(plan, said, topology);
    const provider = new Provider(cluster, { context: "k1" }, former.options(cluster));
    const providers = new Map<string, ProviderResource>([[cluster, provider]]);
    const live = {
      container: undefined,
      service: serviceWith({ address: "192.0.2.7" }),
      tcpServices: {},
      changedEntries: new Set<number>(),
    };
    const controllers = [...(plan.clusters.get(cluster)?.ingresses ?? [])].map(([name, ingress]): OwnedController => {
      const exposures = plan.exposures.filter((each) => each.cluster === cluster && each.ingress === name);
      return { cluster, name, ingress, exposures, live, edits: [] };
    });
    exposeTargets(plan, controllers, providers, former);
    const apps = new Map([["cars", { id: "an ID", token: undefined }]]);
    const shareArgs = { plan, cluster, apps, certificates: { read: () => output("") }, configSecret: () => "" };
    const share = new ClusterShare(cluster, shareArgs, former.options(cluster));
    const certificates = new Map<string, Input<string>>([...plan.peers.keys()].map((peer) => [peer, "PEM"]));
    const linkArgs = { plan, cluster, share, certificates, exposedAddresses: new Map() };
    new ClusterLinks(`${cluster}-links`, linkArgs, former.options(cluster));
    await runtime.disconnect();
    return new Map(registered);
  }

  test("every resource of a renamed cluster, and everything in it, is known to the engine by its former name", async () => {
    const before = await make(earlier, "east");
    const after = await make(later, "north");
    expect(before.size).toBeGreaterThan(25);
    expect([...before.values()].flat().filter((name) => name.startsWith("north"))).toEqual([]);
    const known = [...after].map(([key, [alias = "none"]]) => `${key.split(" ")[0]} ${alias}`);
    expect(known.toSorted()).toEqual([...before.keys()].toSorted());
  });

  test.each([
    ["under the same name", earlier, "east"],
    ["under another name of its cluster", later, "north"],
  ])(
    "every resource that a release without the component has made is known to the engine where it was, %s",
    async (_, plan, cluster) => {
      await make(earlier, "east");
      const before = [...formerUrns.keys()];
      expect(before.length).toBeGreaterThan(25);
      const topology = new ComponentResource(topologyType, "prod");
      await make(plan, cluster, { topology });
      const known = [...formerUrns].filter(([urn]) => !urn.endsWith("::prod"));
      // Pulumi's mocks know the type of the nearest parent alone.
      expect(known.filter(([urn]) => urn.includes(topologyType)).length).toBeGreaterThan(3);
      expect(before.filter((urn) => !known.some(([, urns]) => urns.includes(urn)))).toEqual([]);
      expect(known).toHaveLength(before.length);
    },
  );

  test("what is in the component already is not looked for elsewhere", async () => {
    const topology = new ComponentResource(topologyType, "prod");
    await make(earlier, "east", { topology, said: { ...exported, component: "prod" } });
    expect([...formerUrns.values()].flat()).toEqual([]);
  });

  test("a former name is looked for until everything has the new one", async () => {
    const former = new FormerNames(later, exported);
    const { promise, resolve: release } = Promise.withResolvers<void>();
    held = promise;
    new Provider("north", { context: "k1" }, former.options("north"));
    let taken = false;
    output(former.onceTaken("taken")).apply(() => {
      taken = true;
    });
    await vi.waitFor(() => expect([...registered.keys()]).toEqual(["pulumi:providers:kubernetes north"]), {
      timeout: 30_000,
    });
    expect(taken).toBe(false);
    release();
    await runtime.disconnect();
    expect(taken).toBe(true);
    expect(new FormerNames(earlier, exported).onceTaken("as it is")).toBe("as it is");
  });

  test.each([
    ["exposes", { name: "dev-east", exports: exported, tokens: {} }, "blue-cars/bp1", "192.0.2.7:4042"],
    ["exposed, while nothing is known of it", undefined, "red-cars/bp3", "192.0.2.8:4043"],
  ])("what another stack %s under a cluster's former name is dialled on", (_, stack, target, address) => {
    const byBalancer = file.replace("host: edge.example.com, ", "").replaceAll("east:", "north:");
    const { plan } = planText(byBalancer.replaceAll("cluster: east", "cluster: north"));
    const absent: StackReading = { name: "dev-east", exports: undefined, reason: "it is away", next: "pulumi up" };
    const own = readingInNamesOf(plan, { name: "dev-west", exports: exported, tokens: {} });
    const known = { others: new Map([["north", readingInNamesOf(plan, stack ?? absent)]]), before: own };
    const { known: addresses } = exposedAddresses(plan, new Set(["west"]), new Map(), known);
    expect(addresses.get(`north/${target}`)).toBe(address);
  });
});
