import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type LabDescription, readDescription } from "../../lab/description.ts";
import { type LabOptions, startLab, stopLab } from "../../lab/lab.ts";
import { isRunning, type ProcessIdentity } from "../../lab/process-identity.ts";

let parent: string;
let directory: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "lab-e2e-"));
  directory = join(parent, "lab");
});

afterEach(async () => {
  await stopLab(directory);
  await rm(parent, { recursive: true, force: true });
});

const east = { name: "east", context: "east-context", namespaces: ["ditto"] };
const west = { name: "west", context: "west-context", namespaces: ["ditto", "edge"] };

function processesOf(description: LabDescription): ProcessIdentity[] {
  return [description.supervisor, ...description.clusters.flatMap(({ processes }) => Object.values(processes))];
}

function coreApi(kubeconfig: string, context: string): CoreV1Api {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  config.setCurrentContext(context);
  return config.makeApiClient(CoreV1Api);
}

async function expectAllEnded(processes: ProcessIdentity[]): Promise<void> {
  await expect.poll(() => processes.filter(isRunning), { timeout: 30_000 }).toEqual([]);
}

/** Runs a lab in a process of its own, as `npm run dev` does, so that this process can be killed. */
async function startElsewhere(options: LabOptions) {
  const code = `import { startLab } from ${JSON.stringify(new URL("../../lab/lab.ts", import.meta.url).href)};
    await startLab(${JSON.stringify(options)}); process.stdout.write("ready");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  const description = readDescription(directory);
  if (!description) throw new Error("the lab did not start");
  return { child, description };
}

test("two clusters are two API servers with their own namespaces, Services and files that only the owner reads", async () => {
  const lab = await startLab({ directory, clusters: [east, west] });
  const [first, second] = [coreApi(lab.kubeconfig, "east-context"), coreApi(lab.kubeconfig, "west-context")];
  const names = (await second.listNamespace()).items.map(({ metadata }) => metadata?.name);
  expect(names).toEqual(expect.arrayContaining(["default", "ditto", "edge"]));
  await expect(first.readNamespace({ name: "edge" })).rejects.toMatchObject({ code: 404 });
  const body = { metadata: { name: "api" }, spec: { ports: [{ port: 8080 }] } };
  const service = await first.createNamespacedService({ namespace: "ditto", body });
  expect(service.spec?.clusterIP).toMatch(/^127\.\d+\.(8|9|1[0-5])\.\d+$/);
  for (const file of ["lab.json", "kubeconfig", "clusters/east/pki/tokens.csv", "clusters/west/pki/server.key"])
    expect((await stat(join(directory, file))).mode & 0o077, file).toBe(0);
  await lab.stop();
  await expectAllEnded(processesOf(lab.description));
  expect(existsSync(directory)).toBe(false);
});

test("an API server that was killed comes back with its data", async () => {
  const lab = await startLab({ directory, clusters: [east] });
  const api = coreApi(lab.kubeconfig, "east-context");
  await api.createNamespace({ body: { metadata: { name: "kept" } } });
  await lab.kill("east", "api-server");
  await expect(api.readNamespace({ name: "kept" })).rejects.toThrow();
  await lab.start("east", "api-server");
  expect((await api.readNamespace({ name: "kept" })).metadata?.name).toBe("kept");
  const described = readDescription(directory);
  expect(described?.state).toBe("ready");
  expect(processesOf(described ?? lab.description).every(isRunning)).toBe(true);
  await lab.stop();
});

test("nothing is left when the process that started an attached lab is killed", async () => {
  const { child, description } = await startElsewhere({ directory, clusters: [east] });
  child.kill("SIGKILL");
  await expectAllEnded(processesOf(description));
  expect(existsSync(directory)).toBe(false);
});

test("no process is left when the supervisor is killed, and the folder can be used again", async () => {
  const { child, description } = await startElsewhere({ directory, clusters: [east], detached: true });
  await once(child, "exit");
  process.kill(description.supervisor.pid, "SIGKILL");
  await expectAllEnded(processesOf(description));
  const lab = await startLab({ directory, clusters: [east] });
  await lab.stop();
  expect(existsSync(directory)).toBe(false);
});

test("a detached lab outlives the process that started it, refuses a second one in its folder, and ends by stopLab", async () => {
  const { child, description } = await startElsewhere({ directory, clusters: [east], detached: true });
  await once(child, "exit");
  expect(processesOf(description).every(isRunning)).toBe(true);
  await expect(startLab({ directory, clusters: [east] })).rejects.toThrow(/a lab runs in .* already/);
  expect(await stopLab(directory)).toBe(4);
  await expectAllEnded(processesOf(description));
  expect(existsSync(directory)).toBe(false);
});

test("a start that is given up leaves nothing", async () => {
  const abort = new AbortController();
  const starting = startLab({ directory, clusters: [east, west], signal: abort.signal });
  starting.catch(() => {});
  let processes: ProcessIdentity[] = [];
  await expect
    .poll(
      () => {
        const description = readDescription(directory);
        if (description) processes = processesOf(description);
        return processes.length;
      },
      { timeout: 20_000, interval: 10 },
    )
    .toBeGreaterThan(1);
  abort.abort(new Error("given up"));
  await expect(starting).rejects.toThrow("given up");
  await expectAllEnded(processes);
  await stopLab(directory);
  expect(existsSync(directory)).toBe(false);
});

test("a component that dies while it starts is shown with the end of its log", async () => {
  const before = process.env.KUBEBUILDER_ASSETS;
  const assets = join(parent, "assets");
  await mkdir(assets);
  for (const name of ["etcd", "kube-apiserver"])
    await writeFile(join(assets, name), `#!/bin/sh\necho ${name} has no luck today\nexit 3\n`, { mode: 0o755 });
  process.env.KUBEBUILDER_ASSETS = assets;
  try {
    await expect(startLab({ directory, clusters: [east] })).rejects.toThrow(
      /of cluster east ended with exit code 3\. The end of its log, .*\.log:\n.* has no luck today/,
    );
  } finally {
    if (before === undefined) delete process.env.KUBEBUILDER_ASSETS;
    else process.env.KUBEBUILDER_ASSETS = before;
  }
  expect(await readFile(join(directory, "clusters/east/etcd.log"), "utf8")).toContain("no luck");
});
