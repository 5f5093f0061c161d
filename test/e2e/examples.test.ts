/** Each program in examples/ as a user runs it: previewed before anything exists, deployed, deployed again without a change, and destroyed. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { readObject } from "../../kubernetes/read-object.ts";
import { Engine } from "../../lab/engine.ts";
import { type RunningLab, startLab } from "../../lab/lab.ts";

const directory = mkdtempSync(join(tmpdir(), "bigpeer-examples-"));
const ingress = {
  namespace: "ingress-nginx",
  service: "ingress-nginx-controller",
  deployment: "ingress-nginx-controller",
  container: "controller",
  configMap: "tcp-services",
  flag: true,
};
let lab: RunningLab;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  const namespaces = ["ditto", "ingress-nginx"];
  lab = await startLab({
    directory: join(directory, "lab"),
    clusters: [
      { name: "east", context: "east", namespaces },
      { name: "west", context: "west", namespaces, ingresses: [{ ...ingress, host: "bp.west.example.com" }] },
    ],
  });
  env = { ...lab.env, KUBECONFIG: withMoreContexts(lab.kubeconfig, { "store-1": "east", "store-2": "east" }) };
});
afterAll(async () => {
  await lab?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const kubeconfig = z.looseObject({
  contexts: z.array(z.object({ name: z.string(), context: z.looseObject({}) })),
});

/** Other contexts of the same clusters, for programs that name theirs by what runs there. */
function withMoreContexts(path: string, names: Readonly<Record<string, string>>): string {
  const given = kubeconfig.parse(parse(readFileSync(path, "utf8")));
  const more = Object.entries(names).flatMap(([name, of]) =>
    given.contexts.filter((each) => each.name === of).map(({ context }) => ({ name, context })),
  );
  const file = join(directory, "kubeconfig");
  writeFileSync(file, stringify({ ...given, contexts: [...given.contexts, ...more] }), { mode: 0o600 });
  return file;
}

/** A project in examples/, or in another folder, with a stack `dev`. Keys of the configuration are those of the program. */
async function started(
  name: string,
  configuration: Readonly<Record<string, unknown>> = {},
  { beside, within = "examples" }: { beside?: Engine; within?: string } = {},
): Promise<Engine> {
  const folder = join(directory, name.replaceAll("/", "-"));
  mkdirSync(folder);
  const project = join(within, name);
  const engine = new Engine({ directory: folder, env, project, beside });
  const keys = z.object({ name: z.string() }).parse(parse(readFileSync(join(project, "Pulumi.yaml"), "utf8"))).name;
  const config = Object.fromEntries(Object.entries(configuration).map(([key, value]) => [`${keys}:${key}`, value]));
  await engine.init("dev", stringify({ config }));
  return engine;
}

const steps = z.object({ steps: z.array(z.object({ op: z.string(), urn: z.string() })) });

/** What a preview would do, but for what stays as it is: `create kubernetes:core/v1:Secret`. */
async function previewed(engine: Engine): Promise<string[]> {
  const { exitCode, stdout, stderr } = await engine.stack("dev", "preview", ["--json"]);
  expect(exitCode, stdout + stderr).toBe(0);
  return steps
    .parse(JSON.parse(stdout))
    .steps.filter(({ op }) => op !== "same")
    .map(({ op, urn }) => `${op} ${urn.split("::")[2]?.split("$").at(-1)}`)
    .sort();
}

async function run(engine: Engine, operation: "up" | "destroy", ...flags: string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await engine.stack("dev", operation, ["--skip-preview", ...flags]);
  expect(exitCode, stdout + stderr).toBe(0);
}

async function configured(engine: Engine, ...words: string[]): Promise<void> {
  const { exitCode, stderr } = await engine.run(["config", "set", "--stack", "dev", ...words], { quiet: true });
  expect(exitCode, stderr).toBe(0);
}

/** A Big Peer as its cluster has it; undefined where it is not there. */
function bigPeer(context: string, name: string, namespace = "ditto"): Promise<unknown> {
  const reference = { apiVersion: "ditto.live/v1alpha1", kind: "BigPeer", namespace, name };
  return readObject({ kubeconfig: lab.kubeconfig, context }, reference);
}

const kubernetes = (all: readonly string[], kind: string) => all.filter((each) => each === `create kubernetes:${kind}`);
const ditto = (kind: string) => `ditto.live/v1alpha1:${kind}`;

test("components: blue cars both ways between two clusters", async () => {
  const engine = await started("components");
  const created = await previewed(engine);
  expect(created.filter((each) => each.startsWith("create kubernetes:"))).toEqual([
    "create kubernetes:core/v1:ConfigMapPatch",
    "create kubernetes:core/v1:Secret",
    "create kubernetes:core/v1:Secret",
    "create kubernetes:core/v1:ServicePatch",
    "create kubernetes:ditto.live/v1alpha1:BigPeer",
    "create kubernetes:ditto.live/v1alpha1:BigPeer",
    "create kubernetes:ditto.live/v1alpha1:BigPeerApp",
    "create kubernetes:ditto.live/v1alpha1:BigPeerApp",
    "create kubernetes:ditto.live/v1alpha1:BigPeerPatch",
    "create kubernetes:ditto.live/v1alpha1:BigPeerPatch",
    "create kubernetes:ditto.live/v1alpha1:BigPeerReplication",
    "create kubernetes:ditto.live/v1alpha1:BigPeerReplication",
  ]);
  await run(engine, "up");
  expect(await engine.outputs("dev")).toEqual({
    addresses: {
      bp1: "ditto-bp1-replication-blue-cars-bp1.ditto.svc.cluster.local:4040",
      bp2: "ditto-bp2-replication-blue-cars-bp2.ditto.svc.cluster.local:4040",
    },
    dialled: [expect.stringMatching(/^bp\.west\.example\.com:4\d{3}$/)],
  });
  // Others have ports before ours on the controller's Service. Whoever looks at it first says so by `portsAreOpen`.
  expect(await previewed(engine)).toEqual(["update kubernetes:core/v1:ServicePatch"]);
  await configured(engine, "portsAreOpen", "true");
  await run(engine, "up", "--expect-no-changes");
  await run(engine, "destroy");
  expect(await bigPeer("east", "bp1")).toBeUndefined();
});

test("one-way: red cars flow one way, through a Service of their own", async () => {
  const engine = await started("one-way", { sourceContext: "west", closedContext: "east" });
  const created = await previewed(engine);
  expect(kubernetes(created, ditto("BigPeerReplication"))).toHaveLength(2);
  expect(kubernetes(created, "core/v1:Service")).toHaveLength(1);
  await run(engine, "up");
  expect(await engine.outputs("dev")).toEqual({
    dialled: [expect.stringMatching(/^red-cars\.source\.example\.com:4\d{3}$/)],
  });
  await run(engine, "up", "--expect-no-changes");
  await run(engine, "destroy");
  expect(await bigPeer("west", "bp1")).toBeUndefined();
});

test("hub-and-edges: every edge dials the hub", async () => {
  const engine = await started("hub-and-edges", { hubContext: "west" });
  const created = await previewed(engine);
  expect(kubernetes(created, ditto("BigPeer"))).toHaveLength(3);
  expect(kubernetes(created, ditto("BigPeerReplication"))).toHaveLength(3);
  await run(engine, "up");
  expect(await engine.outputs("dev")).toEqual({ dialled: [expect.stringMatching(/^hub\.example\.com:4\d{3}$/)] });
  await configured(engine, "portsAreOpen", "true");
  await run(engine, "up", "--expect-no-changes");
  await run(engine, "destroy");
  expect(await bigPeer("east", "store-2")).toBeUndefined();
});

test("two-stacks: the east dials what the west exports, and the west trusts the east once that is there", async () => {
  const west = await started("two-stacks/west");
  const east = await started("two-stacks/east", {}, { beside: west });
  expect(kubernetes(await previewed(west), ditto("BigPeer"))).toHaveLength(1);
  await run(west, "up");
  const ofEast = await previewed(east);
  expect(kubernetes(ofEast, "core/v1:Secret")).toHaveLength(1);
  expect(kubernetes(ofEast, ditto("BigPeerReplication"))).toHaveLength(1);
  await run(east, "up");
  await configured(west, "east", "organization/bigpeer-east/dev");
  await configured(west, "portsAreOpen", "true");
  expect(kubernetes(await previewed(west), ditto("BigPeerPatch"))).toHaveLength(1);
  await run(west, "up");
  for (const each of [west, east]) await run(each, "up", "--expect-no-changes");
  for (const each of [east, west]) await run(each, "destroy");
  expect(await bigPeer("west", "bp2")).toBeUndefined();
});

test("topology-object: values of other resources, of which one changes", async () => {
  const engine = await started("topology-object");
  await configured(engine, "token", "a first shared token", "--secret");
  const created = await previewed(engine);
  expect(kubernetes(created, "core/v1:Namespace")).toHaveLength(2);
  expect(kubernetes(created, ditto("BigPeer"))).toHaveLength(2);
  await run(engine, "up");
  expect(await engine.outputs("dev")).toMatchObject({ pending: [] });
  expect(JSON.stringify(await bigPeer("east", "bp1", "bigpeers"))).toContain("a first shared token");
  await run(engine, "up", "--expect-no-changes");

  await configured(engine, "token", "another shared token", "--secret");
  const changed = await previewed(engine);
  expect(changed.filter((each) => each.includes("ditto.live"))).toEqual([`update kubernetes:${ditto("BigPeer")}`]);
  expect(changed.filter((each) => /^(create|delete|replace)/.test(each))).toEqual([]);
  await run(engine, "up");
  expect(JSON.stringify(await bigPeer("east", "bp1", "bigpeers"))).toContain("another shared token");
  await run(engine, "destroy");
  expect(await bigPeer("east", "bp1", "bigpeers")).toBeUndefined();
});

test("names that another resource gives only in the update: the preview has what they are for, and the update has them", async () => {
  const engine = await started("later-names", {}, { within: "test/e2e/programs" });
  expect((await previewed(engine)).filter((each) => each.startsWith("create kubernetes:"))).toEqual([
    "create kubernetes:core/v1:ConfigMapPatch",
    "create kubernetes:core/v1:ServicePatch",
  ]);
  await run(engine, "up");
  expect(await engine.outputs("dev")).toMatchObject({
    service: "ingress-nginx-controller",
    entries: { "4777": "ditto/replication:4040" },
  });
  await run(engine, "destroy");
});
