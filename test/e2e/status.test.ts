import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CustomObjectsApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Deployment } from "../support/deployment.ts";

const topology = readFileSync("topologies/dev.yaml", "utf8");
let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(topology);
});
afterAll(() => deployment?.stop());

function status(...flags: string[]): Promise<{ code: number | null; text: string }> {
  const args = [resolve("cli/bigpeer.ts"), "status", deployment.topologyFile, ...flags];
  const child = spawn(process.execPath, args, { env: deployment.engine.env, cwd: deployment.engine.directory });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  return new Promise((done) => child.once("close", (code) => done({ code, text })));
}

test("before the first up everything is declared and nothing deployed", async () => {
  const { code, text } = await status();
  expect(text).toMatch(/BigPeer ditto\/bp1 is declared, but not deployed/);
  expect(text).toMatch(/fix: pulumi up --stack \S+/);
  expect(code).toBe(1);
});

test("after an up nothing differs, everything is ready and connected, and CAs have a date", async () => {
  await deployment.up();
  await expect.poll(async () => (await status("--live")).code, { timeout: 60_000 }).toBe(0);
  expect((await status("--live")).text).toMatch(/^\d+ objects, nothing differs$/m);
  const { text } = await status("--live", "--all");
  expect(text).toMatch(/BigPeer ditto\/bp1 .*live: yes, ready, since .*CA until 20\d\d-/);
  expect(text).toMatch(/BigPeerReplication ditto\/blue-cars-bp1 .*ready, connected/);
  expect(text).toMatch(/nothing differs/);
});

test("an edit by hand is drift, with the command that mends it; the command does", async () => {
  const api = deployment.kubeConfig("dev").makeApiClient(CustomObjectsApi);
  await api.patchNamespacedCustomObject({
    group: "ditto.live",
    version: "v1alpha1",
    namespace: "ditto",
    plural: "bigpeerreplications",
    name: "red-cars-bp2",
    body: [{ op: "replace", path: "/spec/queriesByCollection/cars", value: ["color = 'pink'"] }],
  });
  const { code, text } = await status("--live");
  expect(text).toMatch(
    /red-cars-bp2 was changed in the cluster: spec\.queriesByCollection\.cars\[0] is color = 'pink', declared color = 'red' \(written by .+ at 20\d\d-\S+Z\)\s+fix: pulumi up --refresh --stack \S+/,
  );
  expect(code).toBe(1);
  await deployment.up("dev", ["--refresh"]);
  expect((await status("--live")).code).toBe(0);
});

test("an edit of the topology is shown before it is deployed", async () => {
  deployment.write(topology.replace("color = 'red'", "color = 'green'").replace(/^ {2}blue-cars:.*\n/m, ""));
  const { text } = await status();
  expect(text).toMatch(/red-cars-bp2 is deployed differently: .*color = 'red', declared color = 'green'/);
  expect(text).toMatch(
    /BigPeerReplication ditto\/blue-cars-bp2 is deployed, but the topology no longer declares it\n +also BigPeerReplication ditto\/blue-cars-bp1$/m,
  );
  deployment.write(topology);
});

test("the JSON form has a row for each object", async () => {
  const { text } = await status("--json");
  const report: unknown = JSON.parse(text);
  expect(report).toMatchObject({ version: 1, rows: { length: 12 } });
  expect(text).not.toMatch(/PRIVATE KEY/);
});
