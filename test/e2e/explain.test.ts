import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AppsV1Api, CoreV1Api, CustomObjectsApi, type V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { explain, type LinkReport } from "../../explain/explain.ts";
import { linksOf } from "../../explain/link.ts";
import { createCa } from "../../lab/operator/authority.ts";
import { planText } from "../../topology/check.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { Deployment } from "../support/deployment.ts";

const topology = `
environment: development
clusters:
  east: {}
  west: { ingress: { ports: 4040-4139, manage: arguments } }
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] }
replications:
  blue: { app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }
  far: { app: cars, from: bp1, to: bp2, address: "bp2.invalid:4040", queries: { vans: "true" } }
`;
const { plan: declared } = planText(topology);
const group = { group: "ditto.live", version: "v1alpha1", namespace: "ditto" };
const port = String(declared.exposures.find(({ replication }) => replication === "blue")?.port);
const controller = { namespace: "ingress-nginx", name: "ingress-nginx-controller" };
const tcpServices = { namespace: "ingress-nginx", name: "tcp-services" };

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(topology);
  await deployment.up();
});
afterAll(() => deployment?.stop());

const core = (cluster: string) => deployment.kubeConfig(cluster).makeApiClient(CoreV1Api);
const apps = (cluster: string) => deployment.kubeConfig(cluster).makeApiClient(AppsV1Api);
const custom = (cluster: string) => deployment.kubeConfig(cluster).makeApiClient(CustomObjectsApi);
const base64 = (text: string) => Buffer.from(text).toString("base64");

interface Options {
  readonly probe?: boolean;
  readonly pods?: string;
  readonly plan?: Plan;
}

/** Explains a replication; without a document it takes a moment. */
async function report(name: string, options: Options = {}): Promise<LinkReport> {
  const { plan = declared } = options;
  const replication = plan.replications.get(name);
  const [link] = await explain({
    plan,
    links: replication ? linksOf(plan, replication) : [],
    access: { kubeconfig: deployment.lab.kubeconfig, reach: "cluster-ip", apis: {}, managementApis: {} },
    pods: options.pods,
    sample: undefined,
    probe: options.probe ?? false,
    deadlineMs: 3_000,
  });
  if (!link) throw new Error(`${name} has no link`);
  return link;
}
const told = async (name = "blue", options: Options = {}) => {
  const { broken } = await report(name, options);
  return broken ? `${broken.layer}: ${broken.what} | ${broken.mend}` : "nothing";
};
/** Polls until the operators have noticed. */
const says = (pattern: RegExp, name = "blue", options: Options = {}) =>
  expect.poll(() => told(name, options), { timeout: 30_000, interval: 300 }).toMatch(pattern);

/** Breaks something, expects what is said of it, and mends it. */
async function broken(breaking: () => Promise<() => Promise<unknown>>, pattern: RegExp): Promise<void> {
  const mend = await breaking();
  try {
    await says(pattern);
  } finally {
    await mend();
  }
  await says(/^nothing$/);
}

const objectSchema = z.looseObject({ metadata: z.looseObject({}), spec: z.looseObject({}) });

/** Sets a field of `spec`; gives what sets it back. */
async function edited(cluster: string, plural: string, name: string, field: string, value: unknown) {
  const place = { ...group, plural, name };
  const before = objectSchema.parse(await custom(cluster).getNamespacedCustomObject(place)).spec[field];
  const set = (to: unknown) =>
    custom(cluster).patchNamespacedCustomObject({ ...place, body: [{ op: "add", path: `/spec/${field}`, value: to }] });
  await set(value);
  return () => set(before);
}

/** Runs a command as a user would. */
function bigpeer(...args: string[]): Promise<{ code: number; text: string }> {
  return new Promise((done) => {
    const { env, directory: cwd } = deployment.engine;
    const flags = ["--kubeconfig", deployment.lab.kubeconfig];
    const child = execFile(
      process.execPath,
      [resolve("cli/bigpeer.ts"), ...args, ...flags],
      { env: { ...env, NO_COLOR: "1" }, cwd },
      (_, stdout, stderr) => done({ code: child.exitCode ?? -1, text: stdout + stderr }),
    );
  });
}

test("a link that works holds in every layer, and a document goes both ways", async () => {
  await says(/^nothing$/);
  const { layers } = await report("blue", { probe: true });
  expect(layers.filter(({ state }) => state !== "holds")).toEqual([]);
  expect(layers.map(({ layer }) => layer)).toEqual([
    ...["objects", "conditions", "app ID", "exposure", "DNS", "TCP", "TLS"],
    ...["subscription", "subscription", "document", "document"],
  ]);
  const { code, text } = await bigpeer("explain", "blue", deployment.topologyFile, "--reach", "cluster-ip");
  expect(text).toMatch(/✓ TLS .*bp2 shows a certificate of CN=bp2, issued by CN=bp2 CA, until \d{4}/);
  expect(text).toMatch(/✓ document bp1 → bp2 +a document of cars went from bp1 to bp2 in \d+ ms/);
  expect(text).toMatch(/1 link, no layer is broken/);
  expect(code).toBe(0);
});

test("objects: a side that is not there, and a side that dials something else", async () => {
  await broken(async () => {
    const place = { ...group, plural: "bigpeerreplications" };
    const read: unknown = await custom("west").getNamespacedCustomObject({ ...place, name: "blue-bp2" });
    const { metadata, spec, ...rest } = objectSchema.parse(read);
    const { name, namespace, labels, annotations } = metadata;
    const body = {
      apiVersion: rest.apiVersion,
      kind: rest.kind,
      spec,
      metadata: { name, namespace, labels, annotations },
    };
    await custom("west").deleteNamespacedCustomObject({ ...place, name: "blue-bp2" });
    return () => custom("west").createNamespacedCustomObject({ ...place, body });
  }, /^objects: BigPeerReplication ditto\/blue-bp2 is not in cluster "west" \| pulumi up --refresh/);
  await broken(
    () => edited("east", "bigpeerreplications", "blue-bp1", "connections", ["bp9.invalid:1"]),
    /^objects: bp1 does not dial bp2 at 127\..*blue-bp1 dials bp9\.invalid:1 \| pulumi up --refresh/,
  );
});

test("conditions: a Big Peer that its operator does not run", () =>
  broken(
    () => edited("west", "bigpeers", "bp2", "version", "1.40.0"),
    /^conditions: BigPeer ditto\/bp2 is not ready: UnsupportedVersion: .* \| kubectl --context west -n ditto describe bigpeer bp2/,
  ));

test("app ID: another one at one end", () =>
  broken(
    () => edited("west", "bigpeerapps", "cars-bp2", "appId", "00000000-0000-4000-8000-000000000000"),
    /^app ID: the app ID is 2164bef3-\S+ on bp1 and 00000000-\S+ on bp2 \| pulumi up --refresh/,
  ));

test("exposure: no entry, no port of the Service, no flag", async () => {
  await broken(
    async () => {
      const { data } = await core("west").readNamespacedConfigMap(tcpServices);
      const patch = (body: unknown) => core("west").patchNamespacedConfigMap({ ...tcpServices, body });
      await patch([{ op: "remove", path: `/data/${port}` }]);
      return () => patch([{ op: "add", path: "/data", value: data }]);
    },
    new RegExp(`^exposure: port ${port} of ConfigMap ingress-nginx/tcp-services .*\\| pulumi up --refresh`),
  );
  await broken(
    async () => {
      const ports = (await core("west").readNamespacedService(controller)).spec?.ports ?? [];
      const set = (value: unknown) =>
        core("west").patchNamespacedService({ ...controller, body: [{ op: "replace", path: "/spec/ports", value }] });
      await set(ports.filter((each) => String(each.port) !== port));
      return () => set(ports);
    },
    new RegExp(`^exposure: port ${port} of .*the Service ingress-nginx-controller .*\\| pulumi up --refresh`),
  );
  await broken(async () => {
    const path = "/spec/template/spec/containers/0/args";
    const args =
      (await apps("west").readNamespacedDeployment(controller)).spec?.template.spec?.containers[0]?.args ?? [];
    const set = (value: unknown) =>
      apps("west").patchNamespacedDeployment({ ...controller, body: [{ op: "replace", path, value }] });
    await set(args.map((each) => each.replace("/tcp-services", "/other-services")));
    return () => set(args);
  }, /^exposure: .*the controller reads the ConfigMap \S+\/other-services/);
});

/** Another address in the file, and the dialler's object as an update leaves it then. */
async function dialling(address: string, look: (options: Options) => Promise<void>): Promise<void> {
  const { plan } = planText(topology.replace("bp2.invalid:4040", address));
  const mend = await edited("east", "bigpeerreplications", "far-bp1", "connections", [address]);
  try {
    await look({ plan });
  } finally {
    await mend();
  }
}

test("DNS: a name that the dialler resolves and this machine does not is no fault, and one that it cannot resolve is", async () => {
  await says(/^nothing$/, "far");
  const { layers } = await report("far");
  expect(layers.find(({ layer }) => layer === "DNS")).toMatchObject({
    state: "holds",
    what: expect.stringMatching(/^bp2\.invalid is not resolved from here: \S+, but bp1 is connected$/),
  });
  await dialling("nowhere.invalid:4040", (options) =>
    says(/^DNS: bp1 cannot resolve nowhere\.invalid: .*ENOTFOUND.* \| let nowhere\.invalid resolve/, "far", options),
  );
});

test("TCP: an address at which nothing answers; status and verify name the call that explains it", () =>
  dialling("127.99.99.99:4999", async (options) => {
    await says(/^TCP: bp1 cannot connect to 127\.99\.99\.99:4999: .* \| let cluster "east" connect to/, "far", options);
    const call = `  npx bigpeer explain far ${deployment.topologyFile} --from bp1 --to bp2\n`;
    const status = await bigpeer("status", deployment.topologyFile, "--live");
    expect(status.text).toContain(`To see which layer is broken:\n${call}`);
    const args = ["--reach", "cluster-ip", "--deadline", "2", "--replication", "far"];
    const verified = await bigpeer("verify", deployment.topologyFile, ...args);
    expect(verified.text).toContain(`To see which layer is broken:\n${call}`);
    expect(verified.code).toBe(1);
  }));

test("TLS: a CA that is not the other's", async () => {
  const secret = { namespace: "ditto", name: "bp1-trusts-bp2" };
  await broken(async () => {
    const { data } = await core("east").readNamespacedSecret(secret);
    const set = (value: unknown) =>
      core("east").patchNamespacedSecret({ ...secret, body: [{ op: "replace", path: "/data", value }] });
    const other = base64((await createCa("somebody else")).certificate);
    await set(Object.fromEntries(Object.keys(data ?? {}).map((key) => [key, other])));
    return () => set(data);
  }, /^TLS: bp1 does not trust the certificate that bp2 shows since .* \(issued by "CN=bp2 CA"\)/);
});

test("subscription: a receiver that asks for something else", () =>
  broken(
    () => edited("west", "bigpeerreplications", "blue-bp2", "queriesByCollection", { cars: ["color = 'pink'"] }),
    /^subscription: bp2 asks for color = 'pink' in cars, and not for color = 'blue', as declared \| pulumi up --refresh/,
  ));

test("document: an HTTP API that does not answer, with everything else as it should be", async () => {
  const args = ["explain", "blue", deployment.topologyFile, "--reach", "cluster-ip", "--deadline", "3"];
  const { code, text } = await bigpeer(...args, "--api", "bp2=http://127.0.0.1:1", "--json");
  const { links } = z
    .object({
      version: z.literal(1),
      links: z.array(z.looseObject({ broken: z.looseObject({}), layers: z.array(z.looseObject({})) })),
    })
    .parse(JSON.parse(text));
  expect(links[0]?.broken).toMatchObject({ layer: "document" });
  expect(links[0]?.layers.filter(({ state }) => state === "broken").map(({ layer }) => layer)).toEqual([
    "document",
    "document",
  ]);
  expect(code).toBe(1);
});

test("a pod beside the dialler looks where this machine cannot, and is gone afterwards", async () => {
  const api = core("east");
  const ended = new AbortController();
  const looked: V1Pod[] = [];
  // Stands in for a kubelet, with the answer of the pod's own `nc`.
  const kubelet = (async () => {
    while (!ended.signal.aborted) {
      for (const pod of (await api.listNamespacedPod({ namespace: "ditto" })).items) {
        const { name = "" } = pod.metadata ?? {};
        if (looked.some(({ metadata }) => metadata?.name === name)) continue;
        looked.push(pod);
        const state = { terminated: { exitCode: 0, message: "closed nc: timed out\n" } };
        const containerStatuses = [{ name: "look", image: "x", imageID: "", ready: false, restartCount: 0, state }];
        const status = { phase: "Succeeded", containerStatuses };
        await api.patchNamespacedPodStatus({
          ...{ namespace: "ditto", name },
          body: [{ op: "replace", path: "/status", value: status }],
        });
      }
      await delay(100);
    }
  })();
  try {
    await says(/^TCP: 127\.\S+ does not accept connections from a pod in cluster "east": nc: timed out/, "blue", {
      pods: "busybox:1.37",
    });
  } finally {
    ended.abort();
    await kubelet;
  }
  expect(looked[0]?.spec?.containers[0]?.env).toContainEqual({ name: "PORT", value: port });
  await expect
    .poll(async () => (await api.listNamespacedPod({ namespace: "ditto" })).items.length, { timeout: 10_000 })
    .toBe(0);
});
