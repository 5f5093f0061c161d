import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CoreV1Api, CustomObjectsApi, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { endProcess, isRunning, type ProcessIdentity } from "../../lab/process-identity.ts";
import { Deployment } from "../e2e/deployment.ts";

const topology = readFileSync("topologies/dev.yaml", "utf8");
const third = topology
  .replace(/( {2}bp2: .*\n)/, "$1  bp3: { cluster: dev, version: 1.63.2, readyTimeout: 4 }\n")
  .replace("peers: [bp1, bp2]", "peers: [bp1, bp2, bp3]");

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(topology);
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
const bigPeers = () => deployment.names("dev", "bigpeers");
const custom = () => deployment.kubeConfig("dev").makeApiClient(CustomObjectsApi);
const replication = (name: string) => ({
  group: "ditto.live",
  version: "v1alpha1",
  namespace: "ditto",
  plural: "bigpeerreplications",
  name,
});

/** Starts an operation, lets something happen as soon as a BigPeer is (or is no more) there, and gives how it ended. */
async function disturbed(operation: "up" | "destroy", when: () => Promise<boolean>, disturb: () => Promise<void>) {
  const running = text(operation);
  await expect.poll(when, { timeout: 30_000, interval: 20 }).toBe(true);
  await disturb();
  return running;
}

describe("an API server that dies", () => {
  test("in the middle of up: the run fails and says whom it could not reach; the next one ends what it began", async () => {
    const hurried = topology.replaceAll(/version: 1.63.2/g, "version: 1.63.2, readyTimeout: 3");
    deployment.write(hurried);
    const run = await disturbed(
      "up",
      async () => (await bigPeers()).length > 0,
      () => deployment.lab.kill("dev", "api-server"),
    );
    expect(run.exitCode).not.toBe(0);
    expect(run.text).toMatch(/ECONNREFUSED 127\.\d+\.0\.11:6443/);
    deployment.write(topology);
    await deployment.lab.start("dev", "api-server");
    await deployment.up();
    expect(await flows()).toEqual([]);
    await deployment.up("dev", ["--expect-no-changes"]);
  });

  test("before a preview: the preview fails with the address, and nothing is torn", async () => {
    await deployment.lab.kill("dev", "api-server");
    deployment.write(topology.replace("color = 'red'", "color = 'green'"));
    const { exitCode, stdout } = await deployment.engine.stack("dev", "preview");
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(/:6443/);
    deployment.write(topology);
    await deployment.lab.start("dev", "api-server");
    expect(await flows()).toEqual([]);
  });

  test("with its etcd: up fails in time and names what it was about; afterwards all is as before", async () => {
    await deployment.lab.kill("dev", "etcd");
    deployment.write(topology.replace("color = 'red'", "color = 'green'"));
    const { exitCode } = await text("up");
    expect(exitCode).not.toBe(0);
    deployment.write(topology);
    await deployment.lab.start("dev", "etcd");
    await expect.poll(() => bigPeers().catch(() => []), { timeout: 60_000 }).toEqual(["bp1", "bp2"]);
    await deployment.up("dev", ["--refresh"]);
    expect(await flows()).toEqual([]);
  });
});

describe("an engine that is killed in the middle", () => {
  test("leaves pending operations, which the command that the engine names clears; the next up ends them", async () => {
    deployment.write(third);
    let started: ProcessIdentity[] = [];
    await disturbed(
      "up",
      async () => (await bigPeers()).includes("bp3"),
      async () => {
        started = await deployment.engine.kill();
      },
    );
    expect(started.length).toBeGreaterThan(1);
    // The program ends by itself. The language host looks only every few minutes whether its engine is still there.
    await expect.poll(() => started.filter(isRunning).length, { timeout: 30_000 }).toBeLessThanOrEqual(1);
    for (const left of started) await endProcess(left, 5_000);
    // The command that the engine's own message names; the lock is the killed process's.
    await deployment.engine.run(["cancel", "--yes", "--stack", "dev"], { quiet: true });
    const clear = await deployment.engine.stack("dev", "refresh", ["--clear-pending-creates", "--skip-preview"]);
    expect(clear.exitCode).toBe(0);
    await deployment.up();
    expect(await flows()).toEqual([]);
    deployment.write(topology);
    await deployment.up();
    expect(await bigPeers()).toEqual(["bp1", "bp2"]);
  });

  test("two updates at once: the second is refused with what to do, and harms nothing", async () => {
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
  });
});

describe("an operator that is down", () => {
  test("a new Big Peer is waited for within its time limit; what ran goes on; the next up ends it", async () => {
    await deployment.lab.kill("dev", "operator");
    deployment.write(third);
    const { exitCode, text: said } = await text("up");
    expect(exitCode).not.toBe(0);
    expect(said).toMatch(/BigPeer ditto\/bp3 was not ready after 4 s\s+\* Waiting for condition Ready=True/);
    await deployment.lab.start("dev", "operator");
    await deployment.up();
    expect(await flows()).toEqual([]);
    deployment.write(topology);
    await deployment.up();
  });

  test("a Big Peer that it refuses: the failing condition is shown with the operator's reason", async () => {
    deployment.write(third.replace("bp3: { cluster: dev, version: 1.63.2", "bp3: { cluster: dev, version: 1.40.3"));
    const { exitCode, text: said } = await text("up");
    expect(exitCode).not.toBe(0);
    expect(said).toMatch(/Ready is False: UnsupportedVersion: this operator runs Big Peers from 1\.49\.0 on/);
    deployment.write(topology);
    await deployment.up();
    expect(await flows()).toEqual([]);
  });
});

describe("other hands", () => {
  test("an object that was deleted is made again by up --refresh", async () => {
    await custom().deleteNamespacedCustomObject(replication("red-cars-bp2"));
    await deployment.up("dev", ["--refresh"]);
    expect(await flows()).toEqual([]);
  });

  test("fields that another manager has taken by force go back to what is declared", async () => {
    const api = KubernetesObjectApi.makeApiClient(deployment.kubeConfig("dev"));
    const apiVersion = "ditto.live/v1alpha1";
    const metadata = (name: string) => ({ name, namespace: "ditto" });
    const theirs = [
      { apiVersion, kind: "BigPeer", metadata: metadata("bp2"), spec: { version: "1.62.0" } },
      {
        apiVersion,
        kind: "BigPeerReplication",
        metadata: metadata("red-cars-bp2"),
        spec: { queriesByCollection: { cars: ["true"] } },
      },
      {
        apiVersion,
        kind: "BigPeerApp",
        metadata: metadata("cars-bp2"),
        spec: { appId: "aaaaaaaa-0000-4000-8000-000000000000" },
      },
      { apiVersion: "v1", kind: "Secret", metadata: metadata("bp2-trusts-bp1"), data: { "ca.crt": "bm90aGluZw==" } },
    ];
    for (const each of theirs)
      await api.patch(each, undefined, undefined, "somebody-else", true, PatchStrategy.ServerSideApply);
    await deployment.up("dev", ["--refresh"]);
    expect(await flows()).toEqual([]);
    await deployment.up("dev", ["--refresh", "--expect-no-changes"]);
  });

  test("a namespace that is being deleted is named in the refusal", async () => {
    const core = deployment.kubeConfig("dev").makeApiClient(CoreV1Api);
    await core.createNamespace({ body: { metadata: { name: "doomed", finalizers: ["test/keep"] } } });
    await core.deleteNamespace({ name: "doomed" });
    deployment.write(third.replace("bp3: { cluster: dev,", "bp3: { cluster: dev, namespace: doomed,"));
    const { exitCode, text: said } = await text("up");
    expect(exitCode).not.toBe(0);
    expect(said).toMatch(/namespace doomed because it is being terminated/);
    deployment.write(topology);
    await deployment.up();
    expect(await flows()).toEqual([]);
  });
});

describe("destroy", () => {
  test("an API server that dies in the middle: the next destroy ends it", async () => {
    const run = await disturbed(
      "destroy",
      async () => (await deployment.names("dev", "bigpeerreplications")).length < 4,
      () => deployment.lab.kill("dev", "api-server"),
    );
    await deployment.lab.start("dev", "api-server");
    const again = await text("destroy");
    expect(again.exitCode).toBe(0);
    expect(await bigPeers()).toEqual([]);
    expect(run.text).not.toMatch(/\n\s+at .*\.ts:\d+/);
  });
});
