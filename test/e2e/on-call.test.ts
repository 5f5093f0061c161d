/**
 * One night on call: others have deleted and changed what is deployed. Each test goes on where the one before it has ended, and the fixes are
 * run as they are printed.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CoreV1Api, CustomObjectsApi } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { Deployment } from "../support/deployment.ts";

const topology = readFileSync("topologies/two-clusters.yaml", "utf8");
let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(topology, { "dev-west": ["west"], "dev-east": ["east"] });
  for (const stack of ["dev-west", "dev-east", "dev-west"]) await deployment.up(stack);
});
afterAll(() => deployment?.stop());

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  const child = spawn(command, args, { env: { ...env, NO_COLOR: "1" }, cwd: deployment.engine.directory });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  return new Promise((done) => child.once("close", (code) => done({ code, ...said })));
}

function bigpeer(...args: string[]): Promise<Ended> {
  return run(process.execPath, [resolve("cli/bigpeer.ts"), ...args], deployment.engine.env);
}

/** A printed command as it is pasted into a shell of whoever is on call. */
function pasted(line: string): Promise<Ended> {
  const env = { ...deployment.engine.env, KUBECONFIG: deployment.lab.kubeconfig, PULUMI_SKIP_CONFIRMATIONS: "true" };
  return run("sh", ["-c", line], env);
}

const status = () => bigpeer("status", deployment.topologyFile, "--live");
const core = (cluster: string) => deployment.kubeConfig(cluster).makeApiClient(CoreV1Api);

function patchReplication(cluster: string, name: string, body: readonly object[]): Promise<unknown> {
  const place = { group: "ditto.live", version: "v1alpha1", namespace: "ditto", plural: "bigpeerreplications", name };
  return deployment
    .kubeConfig(cluster)
    .makeApiClient(CustomObjectsApi)
    .patchNamespacedCustomObject({ ...place, body });
}

test("after the updates everything is as declared", async () => {
  await expect.poll(async () => (await status()).code, { timeout: 60_000 }).toBe(0);
});

test("verify says how far it is, and of a document that does not come the cluster, the live filter and the next command", async () => {
  await patchReplication("west", "red-cars-bp2", [
    { op: "replace", path: "/spec/queriesByCollection/cars", value: ["color = 'pink'"] },
  ]);
  const { code, stdout, stderr } = await bigpeer(
    ...["verify", deployment.topologyFile, "--replication", "red-cars", "--reach", "cluster-ip", "--deadline", "12"],
    // The engine's user may not verify.
    ...["--kubeconfig", deployment.lab.kubeconfig],
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /✗ red-cars: bp1 → bp2 {2}cars {2}did not arrive within 12000 ms on bp2 in cluster "west".*; its live filter for cars is: color = 'pink' /,
  );
  expect(stdout).toMatch(
    /next: kubectl --kubeconfig \S+ --context west -n ditto describe bigpeerreplication red-cars-bp2$/m,
  );
  expect(stdout).toContain("see docs/runbook/documents-do-not-arrive.md\n");
  expect(stdout).toMatch(/\d+ of \d+ probes passed, \d+ failed$/m);
  expect(stderr).toMatch(/0 of \d+ probes? .*\d+ s/);
  const next = /next: (kubectl .*)$/m.exec(stdout)?.[1] ?? "";
  expect((await pasted(next)).stdout).toContain("color = 'pink'");
});

test("status names each cause once, what follows from it, the fix and the page, and what is others' change last", async () => {
  await core("east").deleteNamespacedSecret({ namespace: "ditto", name: "bp1-trusts-bp2" });
  await patchReplication("east", "blue-cars-bp1", [
    { op: "add", path: "/spec/queriesByCollection/owners", value: ["true"] },
  ]);
  const configMap = { namespace: "ingress-nginx", name: "tcp-services" };
  const entries = Object.keys((await core("west").readNamespacedConfigMap(configMap)).data ?? {});
  const [port = ""] = entries;
  await core("west").patchNamespacedConfigMap({
    ...configMap,
    body: [{ op: "replace", path: `/data/${port}`, value: "shop/web:80" }],
  });
  const { code, stdout } = await status();
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /✗ east {2}Secret ditto\/bp1-trusts-bp2 is gone from the cluster\n(?: {6}.*\n)* {6}fix: pulumi up --refresh --stack dev-east\n {6}see: docs\/runbook\/object-missing\.md/,
  );
  expect(stdout).toMatch(
    /red-cars-bp2 was changed in the cluster: .*pink.*\n {6}fix: pulumi up --skip-preview --continue-on-error --refresh --stack dev-west/,
  );
  expect(stdout).toMatch(
    /blue-cars-bp1 has what nobody declared: spec\.queriesByCollection\.owners\n {6}fix: kubectl --context east -n ditto delete /,
  );
  const [, others = ""] = stdout.split("\nChanged by others\n");
  expect(others).toMatch(/exposure of bp2, port \d+ .*shop\/web:80/);
  expect(others).toMatch(/see: docs\/runbook\/port-taken\.md/);
  expect(others).not.toMatch(/pink|bp1-trusts/);
});

test("--json has the same causes", async () => {
  const { stdout } = await bigpeer("status", deployment.topologyFile, "--live", "--json");
  const form = z.object({
    version: z.literal(1),
    causes: z.array(
      z.object({
        what: z.string(),
        fix: z.string(),
        page: z.string().optional(),
        foreign: z.boolean(),
        objects: z.array(z.unknown()),
      }),
    ),
    rows: z.array(z.unknown()),
  });
  const { causes } = form.parse(JSON.parse(stdout));
  expect(causes.map(({ foreign }) => foreign)).toEqual([...causes.map(({ foreign }) => foreign)].sort());
  expect(causes.filter(({ foreign }) => foreign)).toHaveLength(1);
});

test("every printed fix works as it is, in the printed order, and what is others' does not hold the rest up", async () => {
  const { stdout } = await status();
  const [ours = "", others = ""] = stdout.split("\nChanged by others\n");
  const fixes = (text: string) => [...new Set([...text.matchAll(/^ {6}fix: (.*)$/gm)].map(([, fix = ""]) => fix))];
  expect(fixes(ours).length).toBeGreaterThanOrEqual(3);
  const printed: string[] = [];
  for (const fix of fixes(ours)) {
    const { code, stdout: said, stderr } = await pasted(fix);
    printed.push(`$ ${fix}\n${said}${stderr}`);
    // The engine ends with 1 after it has gone past what is somebody else's.
    if (!fix.includes("--continue-on-error"))
      expect({ fix, code, said: code === 0 ? "" : `${said}${stderr}` }).toEqual({ fix, code: 0, said: "" });
  }
  await expect
    .poll(async () => (await status()).stdout.split("Changed by others")[0]?.trim(), {
      timeout: 60_000,
      message: printed.join("\n"),
    })
    .toBe("");
  for (const fix of fixes(others)) {
    const { code, stdout: said, stderr } = await pasted(fix);
    expect({ fix, code, said: code === 0 ? "" : `${said}${stderr}` }).toEqual({ fix, code: 0, said: "" });
  }
  await expect.poll(async () => (await status()).code, { timeout: 60_000 }).toBe(0);
}, 420_000);

test("a CA that is not trusted is the cause, and its fix restores the trust", async () => {
  const place = { namespace: "ditto", name: "bp1-trusts-bp2" };
  const other = await core("east").readNamespacedSecret({ namespace: "ditto", name: "ditto-bp1-ca" });
  const value = other.data?.["tls.crt"] ?? "";
  await core("east").patchNamespacedSecret({ ...place, body: [{ op: "replace", path: "/data/ca.crt", value }] });
  const { stdout } = await status();
  expect(stdout).toMatch(/✗ east {2}BigPeer ditto\/bp1 does not trust the (?:CA|certificate) that bp2 /);
  expect(stdout).toMatch(/see: docs\/runbook\/ca-not-trusted\.md/);
  const fixes = [...new Set([...stdout.matchAll(/^ {6}fix: (.*)$/gm)].map(([, fix = ""]) => fix))];
  expect(fixes).toContain("pulumi up --stack dev-west && pulumi up --refresh --stack dev-east");
  for (const fix of fixes) expect((await pasted(fix)).code).toBe(0);
  await expect.poll(async () => (await status()).code, { timeout: 60_000 }).toBe(0);
}, 420_000);
