import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { planText } from "../../../topology/check.ts";
import { verify } from "../../../verify/run.ts";
import { manyLinks, OneServerWorld, worldKubeconfig } from "../../support/one-server-world.ts";

const id = "2164bef3-37c0-489c-9ac6-c94b034525d7";
let folder: string;
let world: OneServerWorld;
let url: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "verify-"));
  world = new OneServerWorld(id);
  url = await world.start();
});
afterEach(() => {
  world.stop();
  rmSync(folder, { recursive: true, force: true });
});

function access(peers: readonly string[]) {
  return {
    kubeconfig: worldKubeconfig(url, ["hub", "spokes"]),
    reach: "cluster-ip" as const,
    apis: Object.fromEntries(peers.map((peer) => [peer, `${url}/${peer}`])),
    managementApis: { hub: url, spokes: url },
  };
}

test("hundreds of links are probed over a bounded number of connections, and nothing is left behind", async () => {
  // One app: its ID stands for all links.
  const { plan } = planText(manyLinks(300, 1, id));
  const ended: number[] = [];
  const report = await verify({
    plan,
    access: access([...plan.peers.keys()]),
    deadlineMs: 10_000,
    journal: folder,
    onResult: () => ended.push(world.documents.size),
  });
  expect(report.results.filter(({ passed }) => !passed)).toEqual([]);
  expect(report.results).toHaveLength(600);
  expect(report.leftovers).toEqual([]);
  expect([...world.documents.keys(), ...world.keys]).toEqual([]);
  // A document is removed when its probe ends, not when all have.
  expect(Math.max(...ended)).toBeLessThanOrEqual(256);
  expect(world.mostConnections).toBeLessThanOrEqual(80);
  expect(readdirSync(folder)).toEqual([]);
}, 60_000);

/** `bigpeer verify` in a process of its own, that finds no document. */
async function begun(): Promise<ChildProcess> {
  world.arrive = false;
  const child = run("60");
  await expect.poll(() => world.documents.size, { timeout: 15_000, interval: 20 }).toBeGreaterThan(1);
  return child;
}

function run(deadline: string): ChildProcess {
  const { plan } = planText(manyLinks(3, 1, id));
  const [topology, kubeconfig] = [join(folder, "topology.yaml"), join(folder, "kubeconfig")];
  writeFileSync(topology, manyLinks(3, 1, id));
  writeFileSync(kubeconfig, worldKubeconfig(url, ["hub", "spokes"]));
  const apis = [...plan.peers.keys()].flatMap((peer) => ["--api", `${peer}=${url}/${peer}`]);
  const managements = ["hub", "spokes"].flatMap((cluster) => ["--management-api", `${cluster}=${url}`]);
  const access = ["--reach", "cluster-ip", "--kubeconfig", kubeconfig, ...apis, ...managements];
  return spawn(process.execPath, ["cli/bigpeer.js", "verify", topology, "--deadline", deadline, ...access], {
    env: { ...process.env, BIGPEER_CACHE: join(folder, "cache"), NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "a run that ends by %s leaves nothing behind",
  async (signal) => {
    const child = await begun();
    child.kill(signal);
    await once(child, "close");
    expect([...world.documents.keys(), ...world.keys]).toEqual([]);
  },
  40_000,
);

test("what a run that was killed has left, the next one removes, and says so", async () => {
  const child = await begun();
  child.kill("SIGKILL");
  await once(child, "close");
  expect(world.documents.size).toBeGreaterThan(1);
  world.arrive = true;
  const next = run("10");
  let said = "";
  next.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await once(next, "close");
  expect([...world.documents.keys()]).toEqual([]);
  expect(said).toMatch(/removed [2-9] documents that a killed run had left/);
}, 60_000);

test("what is on the Big Peers of another environment stays in the list, also where they have the same names", async () => {
  const child = await begun();
  child.kill("SIGKILL");
  await once(child, "close");
  const left = world.documents.size;
  const { plan } = planText(
    manyLinks(3, 1, id)
      .replace("hub: { ingress", "hub: { context: other, ingress")
      .replace("spokes: { inbound", "spokes: { context: others, inbound"),
  );
  const journal = join(folder, "cache", "verify");
  world.arrive = true;
  const others = { ...access([...plan.peers.keys()]), kubeconfig: worldKubeconfig(url, ["other", "others"]) };
  const report = await verify({ plan, access: others, deadlineMs: 5_000, journal });
  expect(report.removed).toBeUndefined();
  expect(world.documents.size).toBe(left);
  expect(readdirSync(journal)).toHaveLength(1);
}, 60_000);
