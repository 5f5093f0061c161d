import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  ApiextensionsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
  RbacAuthorizationV1Api,
} from "@kubernetes/client-node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { endProcess, isRunning, type ProcessIdentity } from "../../lab/process-identity.ts";
import { planText } from "../../topology/check.ts";
import { clusterManifests, placeholders } from "../../topology/objects/cluster-manifests.ts";
import type { Manifest } from "../../topology/objects/manifests.ts";
import { Deployment } from "../support/deployment.ts";
import { Kept } from "./kept.ts";
import { givenUp, inOtherHands, lacking, leavesOf } from "./other-hands.ts";

const topology = readFileSync("topologies/dev.yaml", "utf8");
const third = topology
  .replace(/( {2}bp2: .*\n)/, "$1  bp3: { cluster: dev, version: 1.63.2, readyTimeout: 4 }\n")
  .replace("peers: [bp1, bp2]", "peers: [bp1, bp2, bp3]");
const green = topology.replace("color = 'red'", "color = 'green'");
const cars = { app: "cars", collection: "cars" };
const documents = [
  { ...cars, document: { _id: "kept-blue", color: "blue" }, writtenOn: "bp2", arrivesOn: ["bp1"] },
  { ...cars, document: { _id: "kept-red", color: "red" }, writtenOn: "bp1", arrivesOn: ["bp2"] },
];

let deployment: Deployment;
let kept: Kept;
beforeAll(async () => {
  deployment = await Deployment.start(topology, undefined, undefined, { checkpoints: true });
});
afterAll(() => deployment?.stop());

afterEach(async () => {
  for (const component of ["etcd", "api-server", "operator"] as const) await deployment.lab.start("dev", component);
  deployment.write(topology);
});

const text = async (operation: "up" | "destroy", flags: readonly string[] = []) => {
  const { exitCode, stdout, stderr } = await deployment.engine.stack("dev", operation, flags);
  return { exitCode, text: `${stdout}${stderr}` };
};
const flows = async (of = topology) => {
  const { results } = await deployment.verify(of);
  return results.filter(({ passed }) => !passed).map(({ probe, message }) => `${probe.replication}: ${message}`);
};
/** What is lost or cut that was not part of the change, and what does not flow. */
const harm = async (changed: readonly string[] = []) => {
  const found = [...(await kept.harm(changed)), ...(await flows())];
  await kept.remember();
  return found;
};
const bigPeers = () => deployment.names("dev", "bigpeers");
const core = () => deployment.kubeConfig("dev").makeApiClient(CoreV1Api);
const custom = () => deployment.kubeConfig("dev").makeApiClient(CustomObjectsApi);
const replication = (name: string) => ({
  group: "ditto.live",
  version: "v1alpha1",
  namespace: "ditto",
  plural: "bigpeerreplications",
  name,
});

/** Starts an operation, lets something happen as soon as it has come that far, and gives how it ended. */
async function disturbed(operation: "up" | "destroy", when: () => Promise<boolean>, disturb: () => Promise<unknown>) {
  const running = text(operation);
  await expect.poll(when, { timeout: 120_000, interval: 20 }).toBe(true);
  await disturb();
  return running;
}

/** The name of a process, of which the kernel keeps 15 characters. */
function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8");
  } catch {
    return "";
  }
}

/** An update that cannot end: without its operator, bp3 is waited for. */
async function stuck(disturb: () => Promise<unknown>) {
  await deployment.lab.kill("dev", "operator");
  deployment.write(third.replace("readyTimeout: 4", "readyTimeout: 600"));
  return disturbed("up", async () => (await bigPeers()).includes("bp3"), disturb);
}

describe("an API server that dies", () => {
  test("in the middle of up: the run waits until it is back; the next one completes what is left of it", async () => {
    const hurried = topology.replaceAll(/version: 1.63.2/g, "version: 1.63.2, readyTimeout: 3");
    deployment.write(hurried);
    let ended = false;
    const running = disturbed(
      "up",
      async () => (await bigPeers()).length > 0,
      () => deployment.lab.kill("dev", "api-server"),
    ).finally(() => {
      ended = true;
    });
    await expect
      .poll(
        () =>
          bigPeers()
            .then(() => true)
            .catch(() => false),
        { timeout: 30_000 },
      )
      .toBe(false);
    expect(ended).toBe(false);
    // One that was killed while it was still starting may end once more by itself.
    await deployment.lab.start("dev", "api-server").catch(async () => {
      await deployment.lab.kill("dev", "api-server");
      await deployment.lab.start("dev", "api-server");
    });
    await running;
    deployment.write(topology);
    // What broke off half way is in the state as it was then.
    await deployment.up("dev", ["--refresh"]);
    await deployment.up();
    kept = await Kept.plant(deployment, topology, documents);
    expect(await harm()).toEqual([]);
    await deployment.up("dev", ["--expect-no-changes"]);
  });

  test("before a preview: the preview fails with the address, and nothing is damaged", async () => {
    await deployment.lab.kill("dev", "api-server");
    deployment.write(green);
    const { exitCode, stdout } = await deployment.engine.stack("dev", "preview");
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(/:6443/);
    deployment.write(topology);
    await deployment.lab.start("dev", "api-server");
    expect(await harm()).toEqual([]);
  });

  test("with its etcd: up fails in time and names the object that it was about; afterwards everything is as before", async () => {
    await deployment.lab.kill("dev", "etcd");
    deployment.write(green);
    const { exitCode, text: said } = await text("up");
    expect(exitCode).not.toBe(0);
    expect(said).toMatch(/the cluster "dev" cannot be reached: it does not answer within 10 s/);
    deployment.write(topology);
    await deployment.lab.start("dev", "etcd");
    await expect.poll(() => bigPeers().catch(() => []), { timeout: 60_000 }).toEqual(["bp1", "bp2"]);
    await deployment.up("dev", ["--refresh"]);
    expect(await harm(["red-cars"])).toEqual([]);
  });
});

describe("an engine that ends in the middle", () => {
  test("killed: the next up says who holds the lock and how to release it; what was pending is cleared, and the next up completes it", async () => {
    let started: ProcessIdentity[] = [];
    await stuck(async () => {
      started = await deployment.engine.kill();
    });
    expect(started.length).toBeGreaterThan(1);
    // The program ends by itself. Pulumi's language host and its provider look only every few minutes whether their engine is still there.
    const ours = () => started.filter(isRunning).filter(({ pid }) => !/^pulumi-(langu|resou)/.test(nameOf(pid)));
    await expect.poll(ours, { timeout: 30_000 }).toEqual([]);
    for (const left of started) await endProcess(left, 5_000);
    const refused = await text("up");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.text).toMatch(/locked by[\s\S]*pulumi cancel/);
    await deployment.engine.run(["cancel", "--yes", "--stack", "dev"], { quiet: true });
    await deployment.lab.start("dev", "operator");
    const clear = await deployment.engine.stack("dev", "refresh", ["--clear-pending-creates", "--skip-preview"]);
    expect(clear.exitCode).toBe(0);
    await deployment.up();
    expect(await flows(third)).toEqual([]);
    deployment.write(topology);
    await deployment.up();
    expect(await bigPeers()).toEqual(["bp1", "bp2"]);
    expect(await harm()).toEqual([]);
    await deployment.up("dev", ["--expect-no-changes"]);
  });

  test("interrupted by Ctrl-C: it releases the lock and keeps what it has made; the next up completes it", async () => {
    const run = await stuck(() => deployment.engine.interrupt());
    expect(run.exitCode).not.toBe(0);
    expect(run.text).toMatch(/::dev\/bp3"? was successfully created, but [\s\S]*context canceled/);
    await deployment.lab.start("dev", "operator");
    await deployment.up();
    expect(await flows(third)).toEqual([]);
    deployment.write(topology);
    await deployment.up();
    expect(await harm()).toEqual([]);
  });

  test("two updates at once: the second is refused with what to do, and damages nothing", async () => {
    deployment.write(third);
    const first = text("up");
    const locks = join(deployment.engine.directory, "state", ".pulumi", "locks");
    const locked = () =>
      existsSync(locks) && readdirSync(locks, { recursive: true }).some((file) => /json$/.test(String(file)));
    await expect.poll(locked, { timeout: 30_000, interval: 10 }).toBe(true);
    const second = await text("up");
    expect(second.exitCode).not.toBe(0);
    expect(second.text).toMatch(/locked by|currently locked/);
    expect((await first).exitCode).toBe(0);
    deployment.write(topology);
    await deployment.up();
    expect(await harm()).toEqual([]);
  });
});

describe("an operator that is down", () => {
  test("up waits for a new Big Peer within its time limit; what ran keeps running; the next up completes it", async () => {
    await deployment.lab.kill("dev", "operator");
    deployment.write(third);
    const { exitCode, text: said } = await text("up");
    expect(exitCode).not.toBe(0);
    expect(said).toMatch(/::dev\/bp3"? was successfully created, but [\s\S]*timed out waiting for the condition/);
    await deployment.lab.start("dev", "operator");
    await deployment.up();
    expect(await flows(third)).toEqual([]);
    deployment.write(topology);
    await deployment.up();
    expect(await harm()).toEqual([]);
  });

  test("a Big Peer that it refuses: the update ends in time and names it; the next up completes it", async () => {
    deployment.write(third.replace("bp3: { cluster: dev, version: 1.63.2", "bp3: { cluster: dev, version: 1.40.3"));
    const { exitCode, text: said } = await text("up");
    expect(exitCode).not.toBe(0);
    expect(said).toMatch(/::dev\/bp3"? was successfully created, but [\s\S]*timed out waiting for the condition/);
    deployment.write(topology);
    await deployment.up();
    expect(await harm()).toEqual([]);
  });
});

describe("other hands", () => {
  test("objects that were deleted are recreated by up --refresh", async () => {
    await custom().deleteNamespacedCustomObject(replication("red-cars-bp2"));
    await core().deleteNamespacedSecret({ namespace: "ditto", name: "bp2-trusts-bp1" });
    await deployment.up("dev", ["--refresh"]);
    // The trust that was gone is all of bp2's, so this once every connection may have been cut.
    expect(await harm(["red-cars", "blue-cars"])).toEqual([]);
  });

  test("a Big Peer that was deleted is recreated, trusted again, and gets back what others have", async () => {
    await custom().deleteNamespacedCustomObject({ ...replication("bp2"), plural: "bigpeers" });
    await expect.poll(bigPeers, { timeout: 10_000 }).toEqual(["bp1"]);
    await deployment.up("dev", ["--refresh"]);
    await deployment.up();
    await expect.poll(() => kept.missing(), { timeout: 20_000 }).toEqual([]);
    await deployment.up();
    expect(await harm(["red-cars", "blue-cars"])).toEqual([]);
  });

  test("every field of ours that another manager has taken by force goes back to what is declared", async () => {
    const rich = topology.replace(
      "bp2: { cluster: dev,",
      "bp2: { cluster: dev, host: bp2.example.com, kafkaListener: false, store: { replicas: 1, partitions: 1, mrf: 1, storage: 5Gi, resources: { limits: { cpu: 500m } } }, subscriptions: { replicas: 1 }, image: { pullPolicy: Always }, imagePullSecrets: [registry], auth: { webhooks: { own: { url: https://auth.example.com } } },",
    );
    deployment.write(rich);
    await deployment.up();
    const api = KubernetesObjectApi.makeApiClient(deployment.kubeConfig("dev"));
    const values = { ...placeholders, token: () => "a token that is generated" };
    const ours = clusterManifests(planText(rich).plan, "dev", values).map(({ manifest }) => manifest);
    const read = async ({ apiVersion, kind, metadata }: (typeof ours)[number]): Promise<unknown> =>
      api.read({ apiVersion, kind, metadata: { name: String(metadata.name), namespace: "ditto" } });
    const lost = async () =>
      (
        await Promise.all(
          ours.map(async (manifest) =>
            lacking(await read(manifest), leavesOf(manifest)).map(
              (leaf) => `${manifest.kind} ${manifest.metadata.name} ${leaf}`,
            ),
          ),
        )
      )
        .flat()
        // Values that only the deployment knows.
        .filter((leaf) => !/sharedToken|^Secret \S+ data/.test(leaf));
    const apply = (object: KubernetesObject, index: number) =>
      api.patch(object, undefined, undefined, `somebody-else-${index}`, true, PatchStrategy.ServerSideApply);
    // What the operator would make of it in between is not what this is about. The apps have a round of their own: Pulumi's provider waits for
    // Big Peers, and so for the operator, before it writes apps; under another ID an app has none of its documents.
    const isApp = ({ kind }: Manifest) => kind === "BigPeerApp";
    const rounds = [
      { taken: (manifest: Manifest) => !isApp(manifest), least: 25, first: /^BigPeer / },
      { taken: isApp, least: 5, first: /^BigPeerApp / },
    ];
    for (const { taken, least, first } of rounds) {
      await deployment.lab.kill("dev", "operator");
      for (const [index, manifest] of ours.entries()) if (taken(manifest)) await apply(inOtherHands(manifest), index);
      expect((await lost()).length).toBeGreaterThan(least);
      const running = deployment.up("dev", ["--refresh"]);
      const beforeOperator = async () => (await lost()).filter((leaf) => first.test(leaf));
      await expect.poll(beforeOperator, { timeout: 60_000 }).toEqual([]);
      await deployment.lab.start("dev", "operator");
      await running;
      expect(await lost()).toEqual([]);
    }
    for (const [index, manifest] of ours.entries()) await apply(givenUp(manifest), index);
    deployment.write(topology);
    await deployment.up();
    expect(await harm(["red-cars", "blue-cars"])).toEqual([]);
    await deployment.up("dev", ["--expect-no-changes"]);
  });

  test("a namespace that is being deleted is named in the refusal", async () => {
    await core().createNamespace({ body: { metadata: { name: "doomed", finalizers: ["test/keep"] } } });
    deployment.write(third.replace("bp3: { cluster: dev,", "bp3: { cluster: dev, namespace: doomed,"));
    await deployment.allow();
    // The namespace's controller deletes what is in it five seconds later, and without its rights the update would be refused for their lack.
    const rbac = deployment.kubeConfig("dev").makeApiClient(RbacAuthorizationV1Api);
    const keep = { namespace: "doomed", body: [{ op: "add", path: "/metadata/finalizers", value: ["test/keep"] }] };
    for (const { metadata } of (await rbac.listNamespacedRole({ namespace: "doomed" })).items)
      await rbac.patchNamespacedRole({ ...keep, name: metadata?.name ?? "" });
    for (const { metadata } of (await rbac.listNamespacedRoleBinding({ namespace: "doomed" })).items)
      await rbac.patchNamespacedRoleBinding({ ...keep, name: metadata?.name ?? "" });
    await core().deleteNamespace({ name: "doomed" });
    const { exitCode, text: said } = await text("up");
    expect(exitCode).not.toBe(0);
    expect(said).toMatch(/namespace doomed because it is being terminated/);
    deployment.write(topology);
    await deployment.up();
    expect(await harm()).toEqual([]);
  });

  test("a custom resource that loses our field while up runs: the next run names the field; once it is back, up --refresh repairs the object", async () => {
    const api = deployment.kubeConfig("dev").makeApiClient(ApiextensionsV1Api);
    const name = "bigpeerreplications.ditto.live";
    const rename = async (from: string, to: string) => {
      const crd = await api.readCustomResourceDefinition({ name });
      const spec = crd.spec.versions[0]?.schema?.openAPIV3Schema?.properties?.spec?.properties;
      if (!spec?.[from]) throw new Error(`the lab's custom resource has no ${from}`);
      spec[to] = spec[from];
      delete spec[from];
      await api.replaceCustomResourceDefinition({ name, body: crd });
    };
    const pull = "  pull: { app: cars, from: bp1, to: bp3, queries: { cars: [\"color = 'blue'\"] } }\n";
    const withPull = `${third}${pull}`;
    await deployment.lab.kill("dev", "operator");
    deployment.write(withPull.replace("readyTimeout: 4", "readyTimeout: 60"));
    await disturbed(
      "up",
      async () => (await bigPeers()).includes("bp3"),
      async () => {
        await rename("queriesByCollection", "queries");
        await deployment.lab.start("dev", "operator");
      },
    );
    const next = await text("up");
    expect(next.exitCode).not.toBe(0);
    expect(next.text).toMatch(/spec\.queriesByCollection/);
    await rename("queries", "queriesByCollection");
    await deployment.up("dev", ["--refresh"]);
    expect(await flows(withPull)).toEqual([]);
    deployment.write(topology);
    await deployment.up();
    expect(await harm(["red-cars", "blue-cars"])).toEqual([]);
    await deployment.up("dev", ["--expect-no-changes"]);
  });
});

/** The kinds of the resources of which the engine has noted that they are there. */
function noted(): string[] {
  const file = join(deployment.engine.directory, "state/.pulumi/stacks/bigpeer-topology/dev.json");
  const state = z.object({
    checkpoint: z.object({ latest: z.object({ resources: z.array(z.object({ type: z.string() })) }) }),
  });
  const { resources } = state.parse(JSON.parse(readFileSync(file, "utf8"))).checkpoint.latest;
  return resources.map(({ type }) => type.split(":").at(-1) ?? "");
}

describe("destroy", () => {
  test("an API server that dies in the middle: the next destroy completes it", async () => {
    const run = await disturbed(
      "destroy",
      // The provider has heard of a deletion. If the API server died before it told anybody, the provider would wait until its time limit.
      async () => noted().filter((kind) => kind === "BigPeerReplication").length < 4,
      async () => {
        await deployment.lab.kill("dev", "api-server");
        // Pulumi's provider waits for it, as in an update.
        await deployment.lab.start("dev", "api-server");
      },
    );
    const again = await text("destroy");
    expect(again.exitCode).toBe(0);
    expect(await bigPeers()).toEqual([]);
    expect(run.text).not.toMatch(/\n\s+at .*\.ts:\d+/);
  });
});
