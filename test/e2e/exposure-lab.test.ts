import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import { CoreV1Api, KubeConfig, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { type RunningLab, startLab, stopLab } from "../../lab/lab.ts";
import { fieldAt } from "../../topology/value-at.ts";

/** The originals, where this checkout has them beside it. */
const nginxDefinitions = fileURLToPath(new URL("../../../shared/crds", import.meta.url));

let parent: string;
let lab: RunningLab;
let east: Cluster;
let west: Cluster;

const nlb = "service.k8s.aws/nlb";
const gatewayGroup = "gateway.networking.k8s.io";
/** The Service that the operator makes for the replication `cars-bp2`. */
const target = "ditto-bp2-replication-cars-bp2";

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Record<string, string> };
  readonly spec?: object;
  readonly [member: string]: unknown;
}

/** A cluster of the lab, as its administrator sees it. */
class Cluster {
  readonly #config = new KubeConfig();
  readonly core: CoreV1Api;
  readonly #objects: KubernetesObjectApi;

  constructor(kubeconfig: string, context: string) {
    this.#config.loadFromFile(kubeconfig);
    this.#config.setCurrentContext(context);
    this.core = this.#config.makeApiClient(CoreV1Api);
    this.#objects = KubernetesObjectApi.makeApiClient(this.#config);
  }

  async apply(...manifests: readonly Manifest[]): Promise<void> {
    for (const manifest of manifests) {
      const body = { ...manifest, metadata: { namespace: "ditto", ...manifest.metadata } };
      await this.#objects.patch(body, undefined, undefined, "test", true, PatchStrategy.ServerSideApply);
    }
  }

  async remove({ apiVersion, kind, metadata }: Manifest): Promise<void> {
    await this.#objects.delete({ apiVersion, kind, metadata: { namespace: "ditto", ...metadata } });
  }

  /** What an object has at a path. */
  async at({ apiVersion, kind, metadata }: Manifest, path: string): Promise<unknown> {
    return fieldAt(await this.#objects.read({ apiVersion, kind, metadata: { namespace: "ditto", ...metadata } }), path);
  }

  /** `Type=Status/Reason` of conditions at a path. */
  async conditions(manifest: Manifest, path = "status.conditions"): Promise<string[]> {
    const read = z.array(z.looseObject({ type: z.string(), status: z.string(), reason: z.string() }));
    const found = read.safeParse(await this.at(manifest, path));
    return (found.data ?? []).map(({ type, status, reason }) => `${type}=${status}/${reason}`);
  }
}

function operatorObject(kind: string, name: string, labels: Record<string, string>, spec: object): Manifest {
  return { apiVersion: "ditto.live/v1alpha1", kind, metadata: { name, labels }, spec };
}

/** A Big Peer with the app `cars` and one replication, which trusts another one. */
async function bigPeer(cluster: Cluster, name: string, other: string): Promise<void> {
  const labels = { "ditto.live/big-peer": name };
  const id = "2164bef3-37c0-489c-9ac6-c94b034525d7";
  await cluster.apply(
    operatorObject(
      "BigPeer",
      name,
      {},
      {
        version: "1.63.2",
        cdc: { network: { kafkaExternalListener: { enabled: false } } },
        auth: { trustedCASecrets: [{ name: `trust-${other}` }] },
      },
    ),
    operatorObject("BigPeerApp", `cars-${name}`, labels, { appId: id }),
    replication(name, []),
  );
}

function replication(name: string, connections: readonly string[]): Manifest {
  const labels = { "ditto.live/big-peer": name, "ditto.live/app": `cars-${name}` };
  const queries = { queriesByCollection: { cars: ["true"] } };
  return operatorObject("BigPeerReplication", `cars-${name}`, labels, { ...queries, connections });
}

async function copyCa(from: Cluster, name: string, to: Cluster): Promise<void> {
  const secret = await vi.waitFor(
    () => from.core.readNamespacedSecret({ namespace: "ditto", name: `ditto-${name}-ca` }),
    { timeout: 30_000, interval: 200 },
  );
  const certificate = secret.data?.["tls.crt"];
  await to.apply({
    ...{ apiVersion: "v1", kind: "Secret", metadata: { name: `trust-${name}` } },
    data: { "tls.crt": certificate, "ca.crt": certificate },
  });
}

/** bp1 of the other cluster dials an address, and nothing else. */
async function expectReplication(address: string): Promise<void> {
  const side = replication("bp1", [address]);
  await east.apply(side);
  const message = async () => {
    const read = z.array(z.looseObject({ type: z.string(), status: z.string(), message: z.string() }));
    const found = read.safeParse(await east.at(side, "status.conditions")).data ?? [];
    const generation = await east.at(side, "metadata.generation");
    if ((await east.at(side, "status.observedGeneration")) !== generation) return "not looked at yet";
    return found.find(({ type }) => type === "Connected")?.status === "True" ? "connected" : JSON.stringify(found);
  };
  await expect.poll(message, { timeout: 20_000, interval: 200 }).toBe("connected");
}

/** Who answers at an address: the name in its certificate, or why nobody does. */
function whoAnswers(host: string, port: number, localAddress?: string): Promise<string> {
  return new Promise((resolve) => {
    const from = localAddress === undefined ? {} : { localAddress };
    const socket = connect({ host, port, rejectUnauthorized: false, ...from, timeout: 5_000 });
    const done = (answer: string) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("secureConnect", () => done(String(socket.getPeerCertificate().subject?.CN)));
    socket.once("timeout", () => done("silence"));
    socket.once("error", (error) => done("code" in error && error.code === "ECONNREFUSED" ? "refused" : "cut"));
    socket.once("close", () => done("cut"));
  });
}

async function expectAnswer(host: string, port: number, answer: string): Promise<void> {
  await expect.poll(() => whoAnswers(host, port), { timeout: 15_000, interval: 100 }).toBe(answer);
}

/** Connections are taken, and all of them are cut: as many as reach each pod that a Service might lead to. */
async function expectNobody(host: string, port: number): Promise<void> {
  await expectAnswer(host, port, "cut");
  for (let each = 0; each < 10; each++) expect(await whoAnswers(host, port)).toBe("cut");
}

function service(name: string, type: string, spec: object, metadata: object = {}): Manifest {
  return { apiVersion: "v1", kind: "Service", metadata: { name, ...metadata }, spec: { type, ...spec } };
}

const port4040 = [{ name: "replication", port: 4040, targetPort: 4040, protocol: "TCP" }];

/** The labels by which the operator's own Service finds the pods. */
async function selectorOfTarget(): Promise<Record<string, string>> {
  const read = () =>
    west.core.readNamespacedService({ namespace: "ditto", name: target }).then(
      ({ spec }) => spec?.selector,
      () => undefined,
    );
  await expect.poll(read, { timeout: 30_000 }).toBeDefined();
  return (await read()) ?? {};
}

async function statusAddress(manifest: Manifest): Promise<string> {
  const read = () => west.at(manifest, "status.loadBalancer.ingress");
  await expect.poll(read, { timeout: 15_000 }).toBeDefined();
  return z.array(z.looseObject({ ip: z.string() })).parse(await read())[0]?.ip ?? "";
}

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "exposure-e2e-"));
  const originals = existsSync(join(nginxDefinitions, "k8s.nginx.org_transportservers.yaml"));
  lab = await startLab({
    directory: join(parent, "lab"),
    clusters: [
      { name: "east", context: "east", namespaces: ["ditto"] },
      {
        name: "west",
        context: "west",
        namespaces: ["ditto", "edge", "shop", "nginx-ingress"],
        gateway: {
          classes: ["lab"],
          gateways: [
            {
              namespace: "edge",
              name: "shared",
              hosts: ["gateway.west.example.com"],
              installed: { className: "lab", listeners: [{ name: "existing", port: 4300 }] },
            },
          ],
        },
        loadBalancers: {
          classes: [{}, { name: nlb, listenerLimit: 2, status: "hostname" }],
          hosts: [{ host: "bp.west.example.com", namespace: "ditto", name: "lb" }],
        },
        ingresses: [
          {
            ...{ namespace: "edge", service: "nlb", deployment: "nlb", container: "controller", configMap: "tcp" },
            ...{ host: "ingress.west.example.com", flag: true, listenerLimit: 3 },
          },
        ],
        nodePorts: { hosts: ["node.west.example.com"] },
        nginxF5: {
          host: "nginx.west.example.com",
          listeners: [{ name: "tcp-4200", port: 4200 }],
          ...(originals ? { definitions: nginxDefinitions } : {}),
        },
      },
    ],
  });
  east = new Cluster(lab.kubeconfig, "east");
  west = new Cluster(lab.kubeconfig, "west");
  await Promise.all([bigPeer(west, "bp2", "bp1"), bigPeer(east, "bp1", "bp2")]);
  await Promise.all([copyCa(west, "bp2", east), copyCa(east, "bp1", west)]);
}, 300_000);

afterAll(async () => {
  await stopLab(join(parent, "lab"));
  await rm(parent, { recursive: true, force: true });
});

describe("a Service of type LoadBalancer", () => {
  test("has an address of its own, by which and by whose name a Big Peer of another cluster replicates", async () => {
    const lb = service("lb", "LoadBalancer", { selector: await selectorOfTarget(), ports: port4040 });
    await west.apply(lb);
    await expectReplication(`${await statusAddress(lb)}:4040`);
    await expectReplication("bp.west.example.com:4040");
    const other = service("lb2", "LoadBalancer", { selector: await selectorOfTarget(), ports: port4040 });
    await west.apply(other);
    expect(await statusAddress(other)).not.toBe(await statusAddress(lb));
    const address = await statusAddress(lb);
    await west.remove(lb);
    await expectAnswer(address, 4040, "refused");
  });

  test.each([
    ["selector", { selector: { "ditto.live/big-peer": "bp3" } }],
    ["target port", { ports: [{ port: 4040, targetPort: 4041 }] }],
    ["name of the target port", { ports: [{ port: 4040, targetPort: "replication" }] }],
  ])("with a wrong %s has an address, and nobody answers there", async (what, wrong) => {
    const right = { selector: await selectorOfTarget(), ports: port4040 };
    const lb = service(`wrong-${what.replaceAll(" ", "-")}`, "LoadBalancer", { ...right, ...wrong });
    await west.apply(lb);
    await expectNobody(await statusAddress(lb), 4040);
  });

  test("in another namespace than the pods leads nowhere", async () => {
    const lb = service(
      "elsewhere",
      "LoadBalancer",
      { selector: await selectorOfTarget(), ports: port4040 },
      { namespace: "shop" },
    );
    await west.apply(lb);
    await expectNobody(await statusAddress(lb), 4040);
  });

  test("of a class with a limit serves as many ports, and an event says that there are too many", async () => {
    const ports = [4040, 4041, 4042].map((port) => ({ name: `tcp-${port}`, port, targetPort: 4040, protocol: "TCP" }));
    const lb = service("nlb", "LoadBalancer", {
      ...{ selector: await selectorOfTarget(), ports, loadBalancerClass: nlb },
    });
    await west.apply(lb);
    const hostname = "nlb.ditto.west.elb.lab.test";
    await expect.poll(() => west.at(lb, "status.loadBalancer.ingress")).toEqual([{ hostname }]);
    await expectReplication(`${hostname}:4041`);
    const events = async () => (await west.core.listNamespacedEvent({ namespace: "ditto" })).items;
    await expect.poll(async () => (await events()).map(({ reason }) => reason)).toContain("FailedDeployModel");
    const side = replication("bp1", [`${hostname}:4042`]);
    await east.apply(side);
    await expect
      .poll(async () => JSON.stringify(await east.at(side, "status.conditions")), { timeout: 15_000 })
      .toMatch(/ECONNREFUSED/);
  });

  test("of a class that nobody serves stays without an address", async () => {
    const right = { selector: await selectorOfTarget(), ports: port4040 };
    const nobody = service("nobody", "LoadBalancer", { ...right, loadBalancerClass: "example.com/other" });
    const after = service("after", "LoadBalancer", right);
    await west.apply(nobody, after);
    await statusAddress(after);
    expect(await west.at(nobody, "status.loadBalancer")).toEqual({});
  });

  test("lets in the address ranges of its allow list alone", async () => {
    const right = { selector: await selectorOfTarget(), ports: port4040 };
    const lb = service("listed", "LoadBalancer", { ...right, loadBalancerSourceRanges: ["127.0.0.8/30"] });
    await west.apply(lb);
    const address = await statusAddress(lb);
    expect(await whoAnswers(address, 4040, "127.0.0.9")).toBe("bp2");
    expect(await whoAnswers(address, 4040, "127.0.0.12")).toBe("cut");
  });
});

describe("a Service of type NodePort", () => {
  const ports = (nodePort: number) => [{ port: 4040, targetPort: 4040, nodePort, protocol: "TCP" }];

  test("is reached at its port of a node, and with a wrong selector is not", async () => {
    const node = lab.description.clusters[1]?.nodeAddress ?? "";
    const right = service("node", "NodePort", { selector: await selectorOfTarget(), ports: ports(30440) });
    const wrong = service("node-wrong", "NodePort", { selector: { app: "bp2" }, ports: ports(30441) });
    await west.apply(right, wrong);
    await expectReplication("node.west.example.com:30440");
    await expectNobody(node, 30441);
    await expectAnswer(node, 4040, "refused");
    await west.remove(right);
    await expectAnswer(node, 30440, "refused");
  });
});

test("an ingress controller behind a load balancer with a limit serves no more ports than that", async () => {
  const data = { "4400": `ditto/${target}:4040`, "4401": `ditto/${target}:4040` };
  await west.apply({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "tcp", namespace: "edge" }, data });
  const [first, second] = [4400, 4401].map((port) => ({
    ...{ op: "add", path: "/spec/ports/-", value: { name: `tcp-${port}`, port } },
  }));
  await west.core.patchNamespacedService({ namespace: "edge", name: "nlb", body: [first, second] });
  await expectReplication("ingress.west.example.com:4400");
  expect(await whoAnswers(lab.description.clusters[1]?.ingresses[0]?.address ?? "", 4401)).toBe("refused");
  const events = async () => (await west.core.listNamespacedEvent({ namespace: "edge" })).items;
  await expect.poll(async () => (await events()).map(({ reason }) => reason)).toContain("FailedDeployModel");
});

describe("Gateway API", () => {
  const gateway: Manifest = {
    ...{ apiVersion: `${gatewayGroup}/v1`, kind: "Gateway", metadata: { name: "shared", namespace: "edge" } },
  };

  function listenerSet(name: string, port: number, namespace = "ditto", extra: object = {}): Manifest {
    const listeners = [{ name: `bigpeer-${port}`, port, protocol: "TCP", ...extra }];
    const parentRef = { name: "shared", namespace: "edge" };
    return {
      ...{ apiVersion: `${gatewayGroup}/v1`, kind: "ListenerSet", metadata: { name, namespace } },
      spec: { parentRef, listeners },
    };
  }

  function tcpRoute(name: string, parent: object, namespace = "ditto", backend: object = {}): Manifest {
    const backendRefs = [{ name: target, port: 4040, ...backend }];
    return {
      ...{ apiVersion: `${gatewayGroup}/v1`, kind: "TCPRoute", metadata: { name, namespace } },
      spec: { parentRefs: [parent], rules: [{ backendRefs }] },
    };
  }

  const toSet = (name: string, sectionName?: string) => ({
    ...{ group: gatewayGroup, kind: "ListenerSet", name, ...(sectionName === undefined ? {} : { sectionName }) },
  });

  async function address(): Promise<string> {
    const read = () => west.at(gateway, "status.addresses");
    await expect.poll(read, { timeout: 15_000 }).toHaveLength(1);
    return z.array(z.looseObject({ value: z.string() })).parse(await read())[0]?.value ?? "";
  }

  const ofRoute = (route: Manifest) => () => west.conditions(route, "status.parents.0.conditions");
  const attached = ["Accepted=True/Accepted", "ResolvedRefs=True/ResolvedRefs"];

  test("a ListenerSet and a TCPRoute open a port of somebody else's Gateway", async () => {
    const set = listenerSet("cars", 4100);
    const route = tcpRoute("cars", toSet("cars", "bigpeer-4100"));
    await west.apply(set, route);
    await expectReplication("gateway.west.example.com:4100");
    expect(await west.conditions(set)).toEqual(["Accepted=True/Accepted", "Programmed=True/Programmed"]);
    expect(await ofRoute(route)()).toEqual(attached);
    expect(await west.at(set, "status.listeners.0.attachedRoutes")).toBe(1);
    expect(await west.conditions(gateway)).toEqual(["Accepted=True/Accepted", "Programmed=True/Programmed"]);
    await west.remove(route);
    await expectNobody(await address(), 4100);
    await west.remove(set);
    await expectAnswer(await address(), 4100, "refused");
  });

  test("a TCPRoute attaches to a listener that the Gateway has", async () => {
    await west.apply(tcpRoute("existing", { name: "shared", namespace: "edge", sectionName: "existing" }));
    await expectReplication("gateway.west.example.com:4300");
  });

  test("a port that another listener has is in conflict, and stays with the older one", async () => {
    const late = listenerSet("late", 4300);
    await west.apply(late);
    await expect.poll(() => west.conditions(late)).toContain("Accepted=False/ListenersNotValid");
    expect(await west.conditions(late, "status.listeners.0.conditions")).toContain("Conflicted=True/ProtocolConflict");
  });

  test("a route to a listener that is not there, or taken, or of another namespace is refused", async () => {
    await west.apply(listenerSet("one", 4101), tcpRoute("first", toSet("one")));
    await expectAnswer(await address(), 4101, "bp2");
    const missing = tcpRoute("missing", toSet("one", "bigpeer-4999"));
    const second = tcpRoute("second", toSet("one"));
    const foreign = tcpRoute("foreign", { ...toSet("one"), namespace: "ditto" }, "shop");
    await west.apply(missing, second, foreign);
    await expect.poll(ofRoute(missing)).toContain("Accepted=False/NoMatchingParent");
    await expect.poll(ofRoute(second)).toContain("Accepted=False/UnsupportedValue");
    await expect.poll(ofRoute(foreign)).toContain("Accepted=False/NotAllowedByListeners");
  });

  test("a Service of another namespace is reached only with a ReferenceGrant", async () => {
    const route = tcpRoute("shop", toSet("shop"), "shop", { namespace: "ditto" });
    await west.apply(listenerSet("shop", 4102, "shop"), route);
    await expect.poll(ofRoute(route)).toContain("ResolvedRefs=False/RefNotPermitted");
    await expectNobody(await address(), 4102);
    await west.apply({
      ...{ apiVersion: `${gatewayGroup}/v1beta1`, kind: "ReferenceGrant", metadata: { name: "shop" } },
      spec: {
        from: [{ group: gatewayGroup, kind: "TCPRoute", namespace: "shop" }],
        to: [{ group: "", kind: "Service" }],
      },
    });
    await expectAnswer(await address(), 4102, "bp2");
    expect(await ofRoute(route)()).toEqual(attached);
  });

  test("a port that the Service does not have is said, and nobody answers", async () => {
    const route = tcpRoute("port", toSet("port"), "ditto", { port: 4041 });
    await west.apply(listenerSet("port", 4103), route);
    await expect.poll(ofRoute(route)).toContain("ResolvedRefs=False/BackendNotFound");
    await expectNobody(await address(), 4103);
  });

  test("the real definitions refuse what they refuse everywhere", async () => {
    const named = listenerSet("named", 4104, "ditto", { hostname: "bp.example.com" });
    await expect(west.apply(named)).rejects.toThrow(/hostname must not be specified for protocols/);
    const old = { ...tcpRoute("old", toSet("one")), apiVersion: `${gatewayGroup}/v1alpha2` };
    await expect(west.apply(old)).rejects.toThrow();
  });
});

describe("F5 NGINX Ingress Controller", () => {
  function transportServer(name: string, listener: object, upstream: object = {}): Manifest {
    return {
      ...{ apiVersion: "k8s.nginx.org/v1", kind: "TransportServer", metadata: { name } },
      spec: {
        listener: { name: "tcp-4200", protocol: "TCP", ...listener },
        upstreams: [{ name: "bp2", service: target, port: 4040, ...upstream }],
        action: { pass: "bp2" },
      },
    };
  }

  const states = async (manifest: Manifest) =>
    [await west.at(manifest, "status.state"), await west.at(manifest, "status.message")].join(": ");
  const globalConfiguration = (listeners: readonly object[]): Manifest => ({
    ...{ apiVersion: "k8s.nginx.org/v1", kind: "GlobalConfiguration" },
    ...{ metadata: { name: "nginx-configuration", namespace: "nginx-ingress" }, spec: { listeners } },
  });

  test("a TransportServer opens its listener; a second one, and one without a listener, are refused", async () => {
    const first = transportServer("first", {});
    await west.apply(first);
    await expectReplication("nginx.west.example.com:4200");
    expect(await states(first)).toMatch(/^Valid: /);
    const second = transportServer("second", {});
    const nowhere = transportServer("nowhere", { name: "tcp-4999" });
    await west.apply(second, nowhere);
    await expect.poll(() => states(nowhere)).toBe("Warning: Listener tcp-4999 doesn't exist");
    // Of two that were made in the same second the UID decides.
    const holders = async () => Promise.all([first, second].map(states));
    const taken = "Warning: Listener tcp-4200 with host empty host is taken by another resource";
    await expect.poll(async () => (await holders()).filter((state) => state === taken)).toHaveLength(1);
    const [held, waiting] = (await states(first)) === taken ? [second, first] : [first, second];
    expect(await states(held)).toMatch(/^Valid: /);
    await west.remove(held);
    await expect.poll(() => states(waiting)).toMatch(/^Valid: /);
  });

  test("a listener whose port the controller's Service does not open is not reached", async () => {
    const tcp = (port: number) => ({ name: `tcp-${port}`, port, protocol: "TCP" });
    await west.apply(globalConfiguration([tcp(4200), tcp(4201)]));
    const closed = transportServer("closed", { name: "tcp-4201" });
    await west.apply(closed);
    await expect.poll(() => states(closed)).toMatch(/^Valid: /);
    const controller = await west.core.readNamespacedService({ namespace: "nginx-ingress", name: "nginx-ingress" });
    const address = controller.status?.loadBalancer?.ingress?.[0]?.ip ?? "";
    expect(await whoAnswers(address, 4201)).toBe("refused");
    // Nor is it reached at a port of the Service that leads to another listener.
    expect(await whoAnswers(address, 443)).toBe("refused");
    await west.core.patchNamespacedService({
      ...{ namespace: "nginx-ingress", name: "nginx-ingress" },
      body: [{ op: "add", path: "/spec/ports/-", value: { name: "tcp-4201", port: 4201, targetPort: 4201 } }],
    });
    await expectAnswer(address, 4201, "bp2");
  });
});
