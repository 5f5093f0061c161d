import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { type KubernetesObject, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { planText } from "../../topology/check.ts";
import { operatorSchema } from "../../topology/operator/contract.ts";
import { Deployment } from "../support/deployment.ts";
import { type Fixture, fixtures, passphrase, resourcesOf, type StateResource } from "../upgrade/fixture.ts";

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
  spec: z.looseObject({}).optional(),
});
const managed = z.object({ __fieldManager: z.string() });
const conditions = z.object({
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
});

/** The ports under which the releases exposed the fixtures' targets. */
const dialledPorts: Readonly<Record<string, readonly string[]>> = { dev: [], "two-clusters": ["bp1 4062", "bp2 4116"] };

describe.each(fixtures())("what $version has made of $name", (fixture) => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await takenOver(fixture);
  });
  afterAll(() => deployment?.stop());

  const stacks = fixture.stacks.map(({ stack }) => stack);
  const uids = async () =>
    (await Promise.all(contexts(fixture).map((context) => deployment.objects(context, "bigpeers"))))
      .flat()
      .map(({ metadata }) => `${metadata?.name} ${metadata?.uid}`);

  test("keeps its ports, by the command that a preview prints where this release would choose others", async () => {
    for (const stack of stacks) {
      const { exitCode, stdout, stderr } = await deployment.engine.stack(stack, "preview", []);
      if (exitCode === 0) continue;
      expect(stdout + stderr).toContain("error port-moved ");
      const [, command] = /`npx bigpeer (pin [^`]+)`/.exec(stdout + stderr) ?? [];
      const { directory: cwd, env } = deployment.engine;
      await promisify(execFile)(process.execPath, [resolve("cli/bigpeer.ts"), ...(command ?? "").split(" ")], {
        cwd,
        env,
      });
    }
    const { exposures } = planText(readFileSync(deployment.topologyFile, "utf8")).plan;
    expect(exposures.map(({ peer, port }) => `${peer} ${port}`).sort()).toEqual(dialledPorts[fixture.name]);
  });

  test("is taken over without a replacement, and nothing of it is deleted or recreated", async () => {
    for (const stack of stacks) {
      const steps = await deployment.changes(stack);
      // The component that everything belongs to is new. It is nothing in a cluster.
      expect(steps.filter((step) => !step.startsWith("update "))).toEqual([`create ${stack}`]);
    }
  });

  test("keeps running after an update: the same Big Peers, the same app IDs, and documents flow", async () => {
    const before = await uids();
    const ids = await appIds(deployment, fixture);
    for (const stack of [...stacks, ...stacks]) await deployment.up(stack);
    expect(await uids()).toEqual(before);
    expect(await appIds(deployment, fixture)).toEqual(ids);
    const { results } = await deployment.verify(fixture.topology);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(results.length).toBeGreaterThan(0);
  });
});

/** A lab in which everything is as the fixture's release has made it, and stacks that know of it. */
async function takenOver(fixture: Fixture): Promise<Deployment> {
  // The release before wrote trusted CAs under ca.crt alone, so it can have run with an operator only that reads this key.
  const contract = operatorSchema.parse({ trustSecret: { certificateKey: ["ca.crt", "tls.crt"] } });
  const deployment = await Deployment.start(fixture.topology, {}, contract);
  try {
    deployment.engine.env.PULUMI_CONFIG_PASSPHRASE = passphrase;
    for (const { stack, clusters, file } of fixture.stacks) {
      await deployment.addStack(stack, clusters);
      await run(deployment, ["stack", "import", "--stack", stack, "--file", file]);
      const state = await run(deployment, ["stack", "export", "--stack", stack, "--show-secrets"]);
      for (const resource of resourcesOf(state)) await make(deployment, resource);
    }
    for (const context of contexts(fixture)) {
      const waiting = async () => (await deployment.objects(context, "bigpeers")).filter((each) => !isReady(each));
      await vi.waitFor(async () => expect(await waiting()).toEqual([]), { timeout: 30_000 });
    }
    return deployment;
  } catch (error) {
    await deployment.stop();
    throw error;
  }
}

async function run(deployment: Deployment, args: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await deployment.engine.run(args, { quiet: true });
  if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Applies the object behind a resource as its provider did: with the same fields, under the same name of a field manager. */
async function make(deployment: Deployment, { type, inputs, outputs, provider }: StateResource): Promise<void> {
  if (!type.startsWith("kubernetes:")) return;
  const object: KubernetesObject = asItRan(objectSchema.parse(withSessions(plain(inputs))));
  const { __fieldManager: fieldManager } = managed.parse(plain(outputs));
  const context = provider?.split("::").at(-2) ?? "";
  const api = KubernetesObjectApi.makeApiClient(deployment.kubeConfig(context));
  await api.patch(object, undefined, undefined, fieldManager, true, PatchStrategy.ServerSideApply);
}

/**
 * The release before left out what the operator needs all the same: where its Big Peers ran, a default of that operator or an administrator
 * has added it.
 */
function asItRan(object: z.output<typeof objectSchema>): z.output<typeof objectSchema> {
  if (object.kind !== "BigPeer") return object;
  const off = { cdc: { network: { kafkaExternalListener: { enabled: false } } } };
  return { ...object, spec: { ...off, ...object.spec } };
}

function withSessions(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withSessions(inner)]);
  return { ...("sharedToken" in value ? { sessionLength: 604_800 } : {}), ...Object.fromEntries(entries) };
}

/** With what an export shows of secrets in place of their marks. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if ("plaintext" in value && typeof value.plaintext === "string") return JSON.parse(value.plaintext);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function isReady(object: KubernetesObject): boolean {
  const parsed = conditions.safeParse(object);
  return (
    parsed.success && parsed.data.status.conditions.some(({ type, status }) => type === "Ready" && status === "True")
  );
}

function contexts(fixture: Fixture): readonly string[] {
  return fixture.stacks.flatMap(({ clusters }) => clusters ?? ["dev"]);
}

async function appIds(deployment: Deployment, fixture: Fixture): Promise<string[]> {
  const apps = await Promise.all(contexts(fixture).map((context) => deployment.objects(context, "bigpeerapps")));
  return apps.flat().map((app) => ("spec" in app ? JSON.stringify(app.spec) : ""));
}
