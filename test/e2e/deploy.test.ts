import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CustomObjectsApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Deployment } from "../support/deployment.ts";

const topology = readFileSync("topologies/two-clusters.yaml", "utf8");
let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(topology, { "dev-east": ["east"] });
});
afterAll(() => deployment?.stop());

function deploy(...flags: string[]): Promise<{ code: number | null; text: string }> {
  return run("cli/bigpeer.js", "deploy", deployment.topologyFile, "--project", deployment.engine.directory, ...flags);
}

function diff(...args: string[]): Promise<{ code: number | null; text: string }> {
  return run("cli/bigpeer.js", "diff", ...args);
}

function run(script: string, ...args: string[]): Promise<{ code: number | null; text: string }> {
  const options = { cwd: deployment.engine.directory, env: deployment.engine.env };
  const child = spawn(process.execPath, [resolve(script), ...args], options);
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  return new Promise((done) => child.once("close", (code) => done({ code, text })));
}

test("a stack that is missing stays pending: it is named, with the command, and the exit code says so", async () => {
  const { code, text } = await deploy();
  expect(text).toMatch(
    /pending: trust of bp2: the stack "dev-west" does not exist yet. Next: pulumi up --stack dev-west/,
  );
  expect(code).toBe(1);
});

test("a preview writes nothing", async () => {
  await deployment.addStack("dev-west", ["west"]);
  const { code, text } = await deploy("--preview");
  expect(text).toMatch(/dev-west {2}create BigPeer west\/bp2/);
  expect(text).toMatch(/preview of 2 stacks/);
  expect(code).toBe(0);
  expect(await deployment.names("west", "bigpeers")).toEqual([]);
});

test("all stacks of an environment come up in one command, and documents flow", async () => {
  const { code, text } = await deploy();
  expect(text).toMatch(/ok {2}dev-east.*\n.*ok {2}dev-west.*\n.*up of 2 stacks/);
  expect(code).toBe(0);
  expect((await deployment.verify(topology)).passed).toBe(true);
});

test("run again it starts nothing, and says why", async () => {
  const { code, text } = await deploy();
  expect(text).toMatch(/2 of 2 stacks need nothing and are not started: .*\(--all starts them, too\)/);
  expect(text).not.toMatch(/dev-(east|west)/);
  expect(code).toBe(0);
});

test("with --all it changes nothing, in one pass", async () => {
  const { code, text } = await deploy("--all");
  expect(text).toMatch(/dev-east {2}0 changes/);
  expect(text).toMatch(/dev-west {2}0 changes/);
  expect(text).not.toMatch(/pass 2/);
  expect(code).toBe(0);
});

test("what somebody has broken by hand is put back by --refresh, which looks for it", async () => {
  const replications = () => deployment.names("west", "bigpeerreplications");
  const declared = await replications();
  const api = deployment.kubeConfig("west").makeApiClient(CustomObjectsApi);
  const kind = { group: "ditto.live", version: "v1alpha1", namespace: "ditto", plural: "bigpeerreplications" };
  for (const name of declared) await api.deleteNamespacedCustomObject({ ...kind, name });
  expect((await deploy("--all")).text).toMatch(/dev-west {2}0 changes/);
  expect(await replications()).toEqual([]);
  const { code, text } = await deploy("--refresh");
  expect(text).toMatch(/ok {2}dev-east {2}0 changes/);
  expect(text).toMatch(new RegExp(`ok {2}dev-west {2}${declared.length} change`));
  for (const name of declared)
    expect(text).toContain(`dev-west  create BigPeerReplication west/${name.replace(/-(?=bp\d)/, "/")}`);
  expect(await replications()).toEqual(declared);
  expect(code).toBe(0);
});

test("a change in one cluster starts its stack alone", async () => {
  const edited = topology.replace(/(bp2: \{[^}]*version: )[\d.]+/, "$11.64.0");
  expect(edited).not.toBe(topology);
  deployment.write(edited);
  const preview = await deploy("--preview");
  expect(preview.text).toMatch(/1 of 2 stacks need nothing/);
  const { code, text } = await deploy();
  expect(text).toMatch(/started: dev-west: its part of the topology has changed/);
  expect(text).toMatch(/dev-west {2}update BigPeer west\/bp2/);
  expect(text).not.toMatch(/dev-east/);
  expect(code).toBe(0);
  expect((await deploy()).text).toMatch(/2 of 2 stacks need nothing/);
  deployment.write(topology);
  await deploy();
});

test("a stack whose last update failed, or whose configuration has changed, is started", async () => {
  const { engine } = deployment;
  deployment.write(topology.replace("between: [bp1, bp2]", "between: [bp1, bp9]"));
  const { exitCode } = await engine.stack("dev-east", "up", ["--skip-preview"]);
  expect(exitCode).not.toBe(0);
  deployment.write(topology);
  const { text } = await deploy();
  expect(text).toMatch(/started: dev-east: its last update is failed/);
  await engine.run(["config", "set", "bigpeer:unused", "1", "--stack", "dev-west"]);
  expect((await deploy()).text).toMatch(/started: dev-west: its configuration has changed/);
  expect((await deploy()).text).toMatch(/2 of 2 stacks need nothing/);
});

test("what a stack was last updated from can be compared with the file as it is now", async () => {
  const { engine, topologyFile } = deployment;
  expect(await diff("stack:dev-east", topologyFile)).toEqual({ code: 0, text: "The topology does not change.\n" });
  deployment.write(topology.replace("color = 'red'", "color = 'green'"));
  const { code, text } = await diff("stack:dev-west", topologyFile);
  expect(text).toMatch(/^Changes replication red-cars;.*data flows: 1 other\./);
  expect(text).toMatch(/- +color = 'red'\n +\+ +color = 'green'/);
  expect(code).toBe(0);
  // A file may hold a password, so nobody who only looks at the outputs sees it.
  expect(await engine.outputs("dev-east")).toMatchObject({ declared: "[secret]" });
  const unknown = await diff("stack:dev-north", topologyFile);
  expect(unknown.text).toMatch(/the stack dev-north cannot be read: the backend has no stack "dev-north"/);
  expect(unknown.code).toBe(2);
});

test("a mistake in the topology fails every stack that has it, with the finding", async () => {
  deployment.write(topology.replace("between: [bp1, bp2]", "between: [bp1, bp9]"));
  const { code, text } = await deploy();
  expect(text).toMatch(/failed {2}dev-east[\s\S]*unknown-reference/);
  expect(code).toBe(1);
  const alone = await deploy("--parallel", "1");
  expect(alone.text).toMatch(/failed {2}dev-east[\s\S]*not started {2}dev-west\n/);
  deployment.write(topology);
});
