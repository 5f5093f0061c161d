import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CustomObjectsApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { previewReportSchema } from "../../preview/schema.ts";
import { Deployment } from "./deployment.ts";

// One token is generated and one is in the configuration, so that both kinds of secrets pass through every report.
const topology = readFileSync("topologies/two-clusters.yaml", "utf8").replace(
  "cars: { peers: [bp1, bp2] }",
  "cars: { peers: [bp1, bp2], auth: { playground: { token: { config: cars-token } } } }",
);
const configured = ["configured-before-4711", "configured-after-4711"] as const;

let deployment: Deployment;
/** Everything that any preview has printed. */
let printed = "";
beforeAll(async () => {
  deployment = await Deployment.start(topology, { "dev-east": ["east"] });
  await setToken("dev-east", configured[0]);
});
beforeEach(() => deployment.write(topology));
afterAll(() => deployment?.stop());

async function setToken(stack: string, token: string): Promise<void> {
  const { exitCode, stderr } = await deployment.engine.run(
    ["config", "set", "--secret", "bigpeer:cars-token", token, "--stack", stack],
    { quiet: true },
  );
  if (exitCode !== 0) throw new Error(stderr);
}

function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, args, { env: deployment.engine.env });
  const texts = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    texts.out += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    texts.err += chunk;
  });
  return new Promise((done) => child.once("close", (code) => done({ code, ...texts })));
}

async function preview(...flags: string[]) {
  const project = ["--project", deployment.engine.directory];
  const ended = await run("cli/bigpeer.ts", "preview", deployment.topologyFile, ...project, ...flags);
  printed += ended.out + ended.err;
  return ended;
}

async function report(...flags: string[]) {
  const { code, out, err } = await preview("--json", ...flags);
  if (out === "") throw new Error(err);
  return { code, ...previewReportSchema.parse(JSON.parse(out)) };
}

test("a fresh stack is made by the topology alone; one that cannot be previewed is named with the engine's reason", async () => {
  const config = { "bigpeer:topology": deployment.topologyFile, "bigpeer:clusters": ["west"] };
  writeFileSync(join(deployment.engine.directory, "Pulumi.dev-west.yaml"), JSON.stringify({ config }));
  const { code, stacks, steps, summary } = await report();
  const [east, west] = stacks;
  expect(west).toMatchObject({ stack: "dev-west", error: "no stack named 'dev-west' found" });
  expect(summary).toMatch(/dev-west failed; \d pending\.$/);
  expect(code).toBe(1);

  expect(east?.error).toBeUndefined();
  expect(east?.pending.join()).toMatch(/trust of bp2: the stack "dev-west" does not exist yet/);
  expect(new Set(steps.map(({ action, cause, stack }) => [action, cause, stack].join()))).toEqual(
    new Set(["create,topology,dev-east"]),
  );
  expect([...new Set(steps.map(({ part }) => part))].sort()).toEqual(
    expect.arrayContaining(["apps", "clusters", "exposures", "generated", "peers"]),
  );
  const cars = steps.find(({ kind, name }) => kind === "BigPeerApp" && name === "cars-bp1");
  expect(cars).toMatchObject({ cluster: "east", namespace: "ditto", source: "apps.cars" });
  expect(cars?.unknown).toContain("spec.appId");
});

test("of a deployed environment nothing would change", async () => {
  await deployment.addStack("dev-west", ["west"]);
  await setToken("dev-west", configured[0]);
  const { code: deployed, out } = await run(
    "cli/deploy.ts",
    deployment.topologyFile,
    "--project",
    deployment.engine.directory,
  );
  expect(out).toMatch(/up of 2 stacks/);
  expect(deployed).toBe(0);
  const { code, out: text } = await preview("--expect-no-changes", "--refresh");
  expect(text).toMatch(/Preview of 2 stacks: nothing would change\./);
  expect(code).toBe(0);
});

test("an edit of the topology is shown in every stack, by what asks for it, also against a base", async () => {
  const base = join(deployment.directory, "base.yaml");
  writeFileSync(base, topology);
  deployment.write(topology.replace("color = 'blue'", "color = 'green'").replace(/^ {2}red-cars: .*\n/m, ""));
  const { steps } = await report();
  expect(new Set(steps.map(({ cause }) => cause))).toEqual(new Set(["topology"]));
  const changed = steps.filter(({ action, part }) => action === "update" && part === "replications");
  expect(changed.map(({ stack, name, source }) => [stack, name, source]).sort()).toEqual([
    ["dev-east", "blue-cars-bp1", "replications.blue-cars"],
    ["dev-west", "blue-cars-bp2", "replications.blue-cars"],
  ]);
  expect(changed[0]?.fields).toEqual([
    {
      path: "spec.queriesByCollection.cars",
      before: ["color = 'blue'"],
      after: ["color = 'green'"],
      cause: "topology",
    },
  ]);
  expect(steps.filter(({ action }) => action === "delete").map(({ name }) => name)).toContain("red-cars-bp2");
  const compared = await report("--stack", "dev-west", "--base", base);
  const west = steps.filter(({ stack }) => stack === "dev-west");
  expect(compared.steps.map(({ urn, cause }) => [urn, cause])).toEqual(west.map(({ urn, cause }) => [urn, cause]));
  // Only the base knows what asked for what goes.
  expect(compared.steps.find(({ name }) => name === "red-cars-bp2")?.source).toBe("replications.red-cars");
});

test("an edit by hand is drift, which only a refresh sees: it comes first, and fails where no change is expected", async () => {
  const api = deployment.kubeConfig("west").makeApiClient(CustomObjectsApi);
  await api.patchNamespacedCustomObject({
    group: "ditto.live",
    version: "v1alpha1",
    namespace: "ditto",
    plural: "bigpeerreplications",
    name: "red-cars-bp2",
    body: [{ op: "replace", path: "/spec/queriesByCollection/cars", value: ["color = 'pink'"] }],
  });
  expect((await preview("--expect-no-changes", "--stack", "dev-west")).code).toBe(0);
  deployment.write(topology.replace("color = 'blue'", "color = 'green'"));
  const { steps, summary, code } = await report("--refresh", "--expect-no-changes");
  expect(steps[0]).toMatchObject({ stack: "dev-west", name: "red-cars-bp2", cause: "drift" });
  expect(steps[0]?.fields).toMatchObject([{ before: ["color = 'pink'"], after: ["color = 'red'"], cause: "drift" }]);
  expect(steps.slice(1).map(({ cause }) => cause)).toEqual(["topology", "topology"]);
  expect(summary).toBe("2 stacks: 3 to update; 1 not explained by the topology (1 drifted).");
  expect(code).toBe(1);
});

test("a secret that changes is said to change, and is masked in the comment", async () => {
  await setToken("dev-east", configured[1]);
  const { out, code } = await preview("--stack", "dev-east", "--markdown");
  expect(out).toMatch(/^<!-- bigpeer-topology preview -->\n\n\*\*Preview of 1 stack: 1 to update;/);
  expect(out).toContain("dev-east: update BigPeerApp ditto/cars-bp1 in east: a secret, or a value");
  expect(out).toContain("anonymous.sharedToken: (secret) -> (secret)");
  expect(code).toBe(0);
});

test("nothing that was printed holds a token, generated or configured", async () => {
  const outputs = JSON.stringify(await deployment.engine.outputs("dev-east", true));
  const generated = /"bp1":"(\w{40})"/.exec(outputs)?.[1] ?? "";
  expect(generated).toHaveLength(40);
  expect(printed.length).toBeGreaterThan(1000);
  for (const token of [generated, ...configured]) expect(printed).not.toContain(token);
});

test("an environment or a stack that is not there is a usage error, and an error of the topology fails with its finding", async () => {
  const missing = await preview("--stack", "dev-north");
  expect(missing.err).toMatch(/dev-north: no stack of .*; it has: dev-east, dev-west/);
  expect(missing.code).toBe(2);
  deployment.write(topology.replace("between: [bp1, bp2]", "between: [bp1, bp9]"));
  const { out, code } = await preview();
  expect(out).toMatch(/dev-east, dev-west failed/);
  expect(out).toMatch(/unknown-reference/);
  expect(code).toBe(1);
});
