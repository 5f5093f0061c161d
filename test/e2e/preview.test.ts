import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CustomObjectsApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { previewReportSchema } from "../../preview/schema.ts";
import { Deployment } from "../support/deployment.ts";

// One token is generated and one is in the configuration, so that both kinds of secrets pass through every report.
const topology = readFileSync("topologies/dev.yaml", "utf8").replace(
  /cars: \{ id: .* \}/,
  "cars: { peers: [bp1, bp2], auth: { playground: { token: { config: cars-token } } } }",
);
const configured = ["configured-before-4711", "configured-after-4711"] as const;

let deployment: Deployment;
/** Everything that any preview has printed. */
let printed = "";
beforeAll(async () => {
  deployment = await Deployment.start(topology);
  await setToken(configured[0]);
  // It has the topology, too, and nobody has made it.
  const config = { "bigpeer:topology": deployment.topologyFile, "bigpeer:clusters": [] };
  writeFileSync(deployment.engine.configFile("other"), JSON.stringify({ config }));
});
beforeEach(() => deployment.write(topology));
afterAll(() => deployment?.stop());

async function setToken(token: string): Promise<void> {
  const { exitCode, stderr } = await deployment.engine.run(
    ["config", "set", "--secret", "bigpeer:cars-token", token, "--stack", "dev"],
    { quiet: true },
  );
  if (exitCode !== 0) throw new Error(stderr);
}

async function preview(...flags: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const args = ["preview", deployment.topologyFile, "--project", deployment.engine.directory, ...flags];
  const child = spawn(process.execPath, ["cli/bigpeer.ts", ...args], { env: deployment.engine.env });
  const texts = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    texts.out += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    texts.err += chunk;
  });
  const code = await new Promise<number | null>((done) => child.once("close", done));
  printed += texts.out + texts.err;
  return { code, ...texts };
}

async function report(...flags: string[]) {
  const { code, out, err } = await preview("--json", ...flags);
  if (out === "") throw new Error(err);
  return { code, ...previewReportSchema.parse(JSON.parse(out)) };
}

test("a fresh stack is made by the topology alone; one that cannot be previewed is named with the engine's reason", async () => {
  const { code, stacks, steps, summary } = await report();
  expect(stacks).toMatchObject([
    { stack: "dev" },
    {
      stack: "other",
      error: expect.stringMatching(/^the backend has no stack "other": .*`pulumi stack init other`/),
    },
  ]);
  expect(stacks[0]?.error).toBeUndefined();
  expect(summary).toMatch(/^2 stacks: \d+ to create; other failed\.$/);
  expect(code).toBe(1);

  expect(new Set(steps.map(({ action, cause, stack }) => [action, cause, stack].join()))).toEqual(
    new Set(["create,topology,dev"]),
  );
  expect([...new Set(steps.map(({ part }) => part))].sort()).toEqual([
    "apps",
    "clusters",
    "generated",
    "peers",
    "replications",
    "trust",
  ]);
  const cars = steps.find(({ kind, name }) => kind === "BigPeerApp" && name === "cars-bp1");
  expect(cars).toMatchObject({ cluster: "dev", namespace: "ditto", source: "apps.cars" });
  expect(cars?.unknown).toContain("spec.appId");
});

test("of a deployed stack nothing would change", async () => {
  await deployment.up();
  const { code, out } = await preview("--stack", "dev", "--expect-no-changes", "--refresh");
  expect(out).toMatch(/Preview of 1 stack: nothing would change\./);
  expect(code).toBe(0);
});

test("an edit of the topology is shown by what asks for it, also against a base", async () => {
  const base = join(deployment.directory, "base.yaml");
  writeFileSync(base, topology);
  deployment.write(topology.replace("color = 'blue'", "color = 'green'").replace(/^ {2}red-cars: .*\n/m, ""));
  const { steps, code } = await report("--stack", "dev");
  expect(code).toBe(0);
  expect(new Set(steps.map(({ cause }) => cause))).toEqual(new Set(["topology"]));
  const changed = steps.filter(({ action }) => action === "update");
  expect(changed.map(({ name, source }) => [name, source]).sort()).toEqual([
    ["blue-cars-bp1", "replications.blue-cars"],
    ["blue-cars-bp2", "replications.blue-cars"],
  ]);
  expect(changed[0]?.fields).toEqual([
    {
      path: "spec.queriesByCollection.cars",
      before: ["color = 'blue'"],
      after: ["color = 'green'"],
      cause: "topology",
    },
  ]);
  const compared = await report("--stack", "dev", "--base", base);
  expect(compared.steps.map(({ urn, cause }) => [urn, cause])).toEqual(steps.map(({ urn, cause }) => [urn, cause]));
  // Only the base knows what asked for what goes.
  const gone = compared.steps.find(({ action, name }) => action === "delete" && name === "red-cars-bp2");
  expect(gone?.source).toBe("replications.red-cars");
});

test("an edit by hand is drift, which only a refresh sees: it comes first, and fails where no change is expected", async () => {
  const api = deployment.kubeConfig("dev").makeApiClient(CustomObjectsApi);
  await api.patchNamespacedCustomObject({
    group: "ditto.live",
    version: "v1alpha1",
    namespace: "ditto",
    plural: "bigpeerreplications",
    name: "red-cars-bp2",
    body: [{ op: "replace", path: "/spec/queriesByCollection/cars", value: ["color = 'pink'"] }],
  });
  expect((await preview("--expect-no-changes", "--stack", "dev")).code).toBe(0);
  deployment.write(topology.replace("color = 'blue'", "color = 'green'"));
  const { steps, summary, code } = await report("--stack", "dev", "--refresh", "--expect-no-changes");
  const [first, ...others] = steps.map(({ name, cause }) => `${name}: ${cause}`);
  expect(first).toBe("red-cars-bp2: drift");
  expect(others).toEqual(["blue-cars-bp1: topology", "blue-cars-bp2: topology"]);
  expect(steps[0]?.fields).toMatchObject([{ before: ["color = 'pink'"], after: ["color = 'red'"], cause: "drift" }]);
  expect(summary).toBe("1 stack: 3 to update; 1 not explained by the topology (1 drifted).");
  expect(code).toBe(1);
});

test("a secret that changes is said to change, and is masked in the comment", async () => {
  await setToken(configured[1]);
  const { out, code } = await preview("--stack", "dev", "--markdown");
  expect(out).toMatch(/^<!-- bigpeer-topology preview -->\n\n\*\*Preview of 1 stack: 2 to update;/);
  expect(out).toMatch(/2 steps of dev \(.*update BigPeerApp ditto\/cars-bp1 in dev.*\): a secret, or a value/);
  expect(out).toContain("anonymous.sharedToken: (secret) -> (secret)");
  expect(code).toBe(0);
});

test("nothing that was printed holds a token, generated or configured", async () => {
  const outputs = JSON.stringify(await deployment.engine.outputs("dev", true));
  const generated = /"bp1":"(\w{40})"/.exec(outputs)?.[1] ?? "";
  expect(generated).toHaveLength(40);
  expect(printed.length).toBeGreaterThan(1000);
  for (const token of [generated, ...configured]) expect(printed).not.toContain(token);
});

test("a stack that is not there is a usage error, and an error of the topology fails with its finding", async () => {
  const missing = await preview("--stack", "north");
  expect(missing.err).toMatch(/north: no stack of .*; it has: dev, other/);
  expect(missing.code).toBe(2);
  deployment.write(topology.replace("between: [bp1, bp2]", "between: [bp1, bp9]"));
  const { out, code } = await preview("--stack", "dev");
  expect(out).toMatch(/dev failed/);
  expect(out).toMatch(/unknown-reference/);
  expect(code).toBe(1);
});
