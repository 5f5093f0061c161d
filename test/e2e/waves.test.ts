import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deployEvent } from "../../cli/progress/deploy-events.ts";
import { Deployment } from "../support/deployment.ts";

const topology = `
environment: development
clusters:
  centre: { stack: of-centre, labels: { tier: hub }, ingress: { host: hub.example.com, ports: 4040-4139 } }
  edge-1: { stack: of-edge-1, labels: { tier: shop }, inbound: none }
  edge-2: { stack: of-edge-2, labels: { tier: shop }, inbound: none }
peers:
  hub: { cluster: centre, version: 1.63.2 }
  shop-1: { cluster: edge-1, version: 1.63.2 }
  shop-2: { cluster: edge-2, version: 1.63.2 }
apps:
  shop: { id: 0b5a2b0e-8a4f-4a0e-9f43-6d1f0a3f7c11, peers: [hub, shop-1, shop-2] }
replications:
  menus: { app: shop, hub: hub, spokes: [shop-1, shop-2], down: { menus: "published = true" } }
waves:
  - { name: canary, labels: { tier: shop }, stacks: 1 }
  - { name: shops, labels: { tier: shop } }
`;
const changed = topology.replace("published = true", "season = 'winter'");

let deployment: Deployment;
beforeAll(async () => {
  const stacks = { "of-centre": ["centre"], "of-edge-1": ["edge-1"], "of-edge-2": ["edge-2"] };
  deployment = await Deployment.start(topology, stacks);
});
afterAll(() => deployment?.stop());

/** Puts the project into a repository, as it is now. */
function commit(): void {
  const { directory } = deployment;
  writeFileSync(join(directory, ".gitignore"), "*\n!topology.yaml\n!pulumi/\n!pulumi/Pulumi*.yaml\n");
  const who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
  for (const args of [
    ["init", "--quiet"],
    ["add", "--all"],
    ["commit", "--quiet", "--message", "m"],
  ])
    execFileSync("git", ["-C", directory, ...who, ...args]);
}

async function deploy(...flags: string[]): Promise<{ code: number | null; text: string }> {
  await deployment.allow();
  const { engine, lab, topologyFile } = deployment;
  // Who verifies may look into every cluster, and a stack only writes to its own.
  const access = ["--kubeconfig", lab.kubeconfig, "--reach", "cluster-ip", "--deadline", "15"];
  const command = ["deploy", topologyFile, "--project", engine.directory, ...access, ...flags];
  const child = spawn(process.execPath, [resolve("cli/bigpeer.js"), ...command], {
    cwd: engine.directory,
    env: { ...engine.env, NO_COLOR: "1" },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  return new Promise((done) => child.once("close", (code) => done({ code, text })));
}

async function queries(cluster: string): Promise<string> {
  return JSON.stringify(await deployment.objects(cluster, "bigpeerreplications"));
}

test("a canary that needs a stack of a later wave does not stop the waves, is completed by it, and verified with it", async () => {
  const { code, text } = await deploy();
  expect(text).toMatch(
    /3 waves:\n {2}1\. canary {2}1 stack: of-edge-1\n {2}2\. shops .*of-edge-2\n {2}3\. the rest .*of-centre/,
  );
  expect(text).toMatch(/done {2}wave 1 of 3: canary {2}1 stack, \d+ changes, nothing to verify yet/);
  expect(text).toMatch(/done {2}wave 3 of 3: the rest {2}1 stack, \d+ changes, verified by 4 probes/);
  expect(code).toBe(0);
  expect((await deployment.verify(topology)).passed).toBe(true);
}, 420_000);

test("a wave that fails stops the rest, which keeps what it had; mended, the same command goes on from there", async () => {
  deployment.write(changed);
  commit();
  await deployment.lab.kill("edge-2", "api-server");
  const stopped = await deploy();
  expect(stopped.text).toMatch(/done {2}wave 1 of 3: canary {2}1 stack, 1 change, verified by \d probes?/);
  expect(stopped.text).toMatch(/failed {2}wave 2 of 3: shops/);
  expect(stopped.text).toMatch(/not started {2}wave 3 of 3: the rest {2}1 stack: of-centre/);
  expect(stopped.text).toContain("Run the same command again to continue from there");
  expect(stopped.code).toBe(1);
  expect(await queries("edge-1")).toContain("season = 'winter'");

  await deployment.lab.start("edge-2", "api-server");
  const { code, text } = await deploy("--events");
  const events = text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => deployEvent.parse(JSON.parse(line)));
  const ended = events.flatMap((each) =>
    each.event === "wave" && each.state !== "started" ? [`${each.wave} ${each.state}`] : [],
  );
  expect(ended).toEqual(["canary unchanged", "shops done", "the rest unchanged"]);
  const verified = events.flatMap((each) => (each.event === "verify" && each.state === "passed" ? [each.wave] : []));
  expect(verified).toEqual(["canary", "shops", "the rest"]);
  // What the canary and the hub would be made from is as at their last update.
  expect(new Set(events.flatMap((each) => (each.event === "stack" ? [each.stack] : [])))).toEqual(
    new Set(["of-edge-2"]),
  );
  expect(events.at(-1)).toMatchObject({ event: "end", done: true });
  expect(code).toBe(0);
  expect(await queries("edge-2")).toContain("season = 'winter'");
}, 420_000);

test("a selection runs the stacks that own it, and no other", async () => {
  deployment.write(topology);
  const { code, text } = await deploy("--peer", "shop-2", "--no-waves");
  expect(text).toMatch(/ok {2}of-edge-2 {2}1 change/);
  expect(text).toMatch(/up of 1 stack took/);
  expect(code).toBe(0);
  expect(await queries("edge-1")).toContain("season = 'winter'");
  expect(await queries("edge-2")).toContain("published = true");
  const unknown = await deploy("--label", "teir=shop");
  expect(unknown.text).toContain('--label teir=shop: no cluster or peer has the label "teir"; did you mean "tier"?');
  expect(unknown.code).toBe(2);
}, 420_000);
