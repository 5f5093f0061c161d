/** Which stack owns which cluster, and what a stack knows of itself: what is refused, as a user runs it. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { Engine } from "../../lab/engine.ts";
import { Deployment } from "../support/deployment.ts";
import { UserCommand } from "../support/user-command.ts";

const topology = readFileSync("topologies/two-clusters.yaml", "utf8");
const unsaid = topology.replace(/ {4}stack: .*\n/g, "");

let deployment: Deployment;
beforeAll(async () => {
  deployment = await Deployment.start(topology, { "dev-east": undefined, "dev-west": undefined });
});
beforeEach(() => {
  deployment.write(topology);
  for (const stack of ["dev-east", "dev-west"]) configure(stack);
});
afterAll(() => deployment?.stop());

/** Rewrites what a stack's file says, and leaves the salt that the engine has put there. */
function configure(stack: string, clusters?: readonly string[]): void {
  const file = deployment.engine.configFile(stack);
  const [salt = ""] = /^encryptionsalt: .*$/m.exec(readFileSync(file, "utf8")) ?? [];
  const owned = clusters ? [`  bigpeer:clusters: ${JSON.stringify(clusters)}`] : [];
  const lines = ["config:", `  bigpeer:topology: ${deployment.topologyFile}`, ...owned, salt, ""];
  writeFileSync(file, lines.join("\n"));
}

async function refused(stack: string, operation: "preview" | "up"): Promise<string> {
  const { exitCode, stdout, stderr } = await deployment.engine.stack(stack, operation);
  expect(exitCode).not.toBe(0);
  expect(stdout).toMatch(/the topology has errors, so nothing was written/);
  return `${stdout}${stderr}`;
}

async function command(...args: string[]): Promise<{ code: number | null; text: string }> {
  const started = new UserCommand(args, deployment.engine.env);
  const code = await started.ended;
  return { code, text: started.output };
}

const project = () => ["--project", deployment.engine.directory] as const;
const deploy = () => command("cli/bigpeer.ts", "deploy", deployment.topologyFile, ...project());
const preview = () => command("cli/bigpeer.ts", "preview", deployment.topologyFile, ...project());

describe("the owner of a cluster", () => {
  test("is the stack that the topology names: without any bigpeer:clusters each plans its own Big Peer alone", async () => {
    const made = async (stack: string) =>
      (await deployment.changes(stack)).filter((step) => /^create (east|west)\/bp\d$/.test(step)).sort();
    expect(await made("dev-east")).toEqual(["create east/bp1", "create east/bp1"]);
    expect(await made("dev-west")).toEqual(["create west/bp2", "create west/bp2"]);
  });

  test("is refused by up where a stack's configuration says another, with both places", async () => {
    configure("dev-west", ["east"]);
    const text = await refused("dev-west", "up");
    expect(text).toMatch(/Pulumi\.dev-west\.yaml:3:\d+ error ownership-differs +bigpeer:clusters: lists east, but/);
    expect(text).toMatch(/"east" to the stack "dev-east" \(\S*topology\.yaml:8:12\)/);
    expect(text).toMatch(/pulumi config rm bigpeer:clusters --stack dev-west/);
    const deployed = await deploy();
    expect(deployed.text).toMatch(/nothing was written[\s\S]*error ownership-differs/);
    expect(deployed.text).not.toMatch(/dev-east {2}create/);
    expect(deployed.code).toBe(1);
  });

  test("is missed by a stack whose name is mistyped: preview, up, deploy and check list those that the file names", async () => {
    await deployment.addStack("dev-wset");
    try {
      const wanted =
        /error stack-not-named .*the stack "organization\/bigpeer-topology\/dev-wset"; it names "dev-east" \(line 8\), "dev-west" \(line 11\)/;
      expect(await refused("dev-wset", "preview")).toMatch(wanted);
      expect(await refused("dev-wset", "up")).toMatch(wanted);
      const previewed = await preview();
      expect(previewed.text).toMatch(/stack-not-named/);
      expect(previewed.code).toBe(1);
      const deployed = await deploy();
      expect(deployed.text).toMatch(/error stack-not-named .*"dev-wset"/);
      expect(deployed.code).toBe(1);
      const checked = await inProject("check", deployment.topologyFile);
      expect(checked.text).toMatch(/^Pulumi\.dev-wset\.yaml:\d+:\d+ error stack-not-named/m);
      expect(checked.code).toBe(1);
    } finally {
      await deployment.engine.run(["stack", "rm", "dev-wset", "--yes"], { quiet: true });
      rmSync(deployment.engine.configFile("dev-wset"), { force: true });
    }
  });

  test("is one: where the topology names none, two stacks that would both have all are refused", async () => {
    deployment.write(unsaid);
    const wanted =
      /error cluster-owned-twice .*the clusters "east", "west" have 2 owners: the stacks "dev-east" .* and "dev-west"/;
    expect(await refused("dev-east", "preview")).toMatch(wanted);
    expect(await refused("dev-west", "up")).toMatch(wanted);
    expect((await deploy()).text).toMatch(/error cluster-owned-twice/);
    expect((await inProject("check", deployment.topologyFile)).text).toMatch(/error cluster-owned-twice/);
  });

  test("is somebody: a cluster that no stack lists is refused", async () => {
    deployment.write(unsaid);
    configure("dev-east", ["east"]);
    configure("dev-west", []);
    const wanted = /error cluster-not-owned .*no stack owns the cluster "west"/;
    expect(await refused("dev-east", "preview")).toMatch(wanted);
    expect(await refused("dev-east", "up")).toMatch(wanted);
    expect((await deploy()).text).toMatch(/error cluster-not-owned/);
    expect((await inProject("check", deployment.topologyFile)).text).toMatch(/error cluster-not-owned/);
  });

  test("nothing of all that has been written", async () => {
    expect(await deployment.names("east", "bigpeers")).toEqual([]);
    expect(await deployment.names("west", "bigpeers")).toEqual([]);
  });
});

/** A command in the folder of the project, where `check` looks for the stacks' files. */
function inProject(...args: string[]): Promise<{ code: number | null; text: string }> {
  const program = join(import.meta.dirname, "../../cli/bigpeer.js");
  return new Promise((done) => {
    const options = { cwd: deployment.engine.directory, env: { ...process.env, NO_COLOR: "1" } };
    const child = execFile(process.execPath, [program, ...args], options, (_error, stdout, stderr) =>
      done({ code: child.exitCode, text: `${stdout}${stderr}` }),
    );
  });
}

const pendingOutput = z.object({
  pending: z.array(z.object({ what: z.string(), reason: z.string(), next: z.string() })),
});

describe("what cannot be read", () => {
  test("of another stack is told from a stack that is not there yet", async () => {
    const { engine } = deployment;
    const own = engine.env.PULUMI_CONFIG_PASSPHRASE;
    const waiting = async (stack: string, what: string) => {
      const { pending } = pendingOutput.parse(await engine.outputs(stack));
      return pending.find((each) => each.what === what);
    };
    deployment.write(topology.replace("cars: { peers", "cars: { auth: { playground: {} }, peers"));
    await deployment.up("dev-east");
    const notYet = { reason: 'the stack "dev-west" has no outputs yet', next: "pulumi up --stack dev-west" };
    expect(await waiting("dev-east", "trust of bp2")).toMatchObject(notYet);

    await engine.run(["stack", "rm", "dev-west", "--yes"], { quiet: true });
    try {
      engine.env.PULUMI_CONFIG_PASSPHRASE = `${own}-other`;
      await deployment.addStack("dev-west");
      await deployment.up("dev-west");
      // All else that stacks say of themselves is no secret.
      expect(await waiting("dev-west", "trust of bp1")).toBeUndefined();
      const token = await waiting("dev-west", 'token of app "cars"');
      expect(token?.reason).toMatch(/the secrets of the stack "dev-east" cannot be decrypted/);
      expect(token?.next).toMatch(/PULUMI_CONFIG_PASSPHRASE/);
    } finally {
      engine.env.PULUMI_CONFIG_PASSPHRASE = own;
    }
    await deployment.up("dev-east");
    expect(await waiting("dev-east", "trust of bp2")).toBeUndefined();

    const state = join(engine.directory, "state/.pulumi/stacks/bigpeer-topology/dev-west.json");
    const text = readFileSync(state, "utf8");
    writeFileSync(state, text.slice(0, -100));
    await deployment.up("dev-east");
    const broken = await waiting("dev-east", "trust of bp2");
    expect(broken?.reason).toMatch(/the stack "dev-west" cannot be read: /);
    expect(broken?.next).not.toMatch(/^pulumi up/);
    writeFileSync(state, text);
  });

  test("of the stack itself is refused: it is no first deployment", async () => {
    await deployment.up("dev-east");
    const { engine } = deployment;
    const exported = await engine.run(["stack", "export", "--stack", "dev-east"], { quiet: true });
    const state = join(engine.directory, "state.json");
    const import_ = async (text: string) => {
      writeFileSync(state, text);
      const { exitCode, stderr } = await engine.run(["stack", "import", "--stack", "dev-east", "--file", state]);
      expect([exitCode, stderr]).toEqual([0, expect.anything()]);
    };
    await import_(exported.stdout.replace('"contract": 1,', '"contract": 2,'));
    for (const operation of ["preview", "up"] as const) {
      const text = await refused("dev-east", operation);
      expect(text).toMatch(/error own-outputs-unread .*"topology\.contract" of the stack "dev-east"/);
      expect(text).toMatch(/why: it would be treated as a new stack/);
    }
    await import_(exported.stdout);
    expect(await deployment.changes("dev-east")).toEqual([]);
  });

  test("by its whole name is read by its bare one, in a bucket of the layout without projects", async () => {
    const directory = join(deployment.directory, "legacy");
    mkdirSync(directory);
    const env = {
      ...deployment.engine.env,
      PULUMI_SELF_MANAGED_STATE_LEGACY_LAYOUT: "true",
      PULUMI_DIY_BACKEND_IGNORE_DEPRECATION_ERROR: "1",
    };
    const engine = new Engine({ directory, env, before: () => deployment.allow() });
    await engine.init("dev-west", JSON.stringify({ config: { "bigpeer:topology": deployment.topologyFile } }));
    const { exitCode, stdout } = await engine.stack("dev-west", "preview");
    expect(stdout).not.toMatch(/error/);
    expect(exitCode).toBe(0);
  });
});
