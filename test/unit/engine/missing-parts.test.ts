/** Commands that lack something they need: each says so in one sentence, with how it is got, and never with a stack trace. */
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { engineError } from "../../../engine/engine-error.ts";
import { cacheFolder } from "../../../program/cache-folder.ts";
import { type PulumiStandIn, pulumiStandIn } from "../../support/pulumi-stand-in.ts";

let directory: string;
let pulumi: PulumiStandIn;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-missing-"));
  mkdirSync(join(directory, "topologies"));
  mkdirSync(join(directory, "nothing"));
  const shared = readFileSync("topologies/two-clusters.yaml", "utf8");
  writeFileSync(
    join(directory, "topologies/shop.yaml"),
    shared.replace("    stack: dev-east", "    stack: a").replace("    stack: dev-west", "    stack: b"),
  );
  for (const stack of ["a", "b"])
    writeFileSync(join(directory, `Pulumi.${stack}.yaml`), "config:\n  bigpeer:topology: topologies/shop.yaml\n");
  writeFileSync(join(directory, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
  pulumi = pulumiStandIn(directory);
});
beforeEach(() => pulumi.says({}));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

function run(
  script: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const env = { PATH: pulumi.path, HOME: directory, NO_COLOR: "1", BIGPEER_CACHE: cacheFolder(), ...variables };
  const child = spawn(process.execPath, [resolve(script), ...args], { cwd: directory, env });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  return new Promise((done) => child.once("close", (code) => done({ code, text })));
}

const file = "topologies/shop.yaml";
const bigpeer = (...args: string[]) => ["cli/bigpeer.js", ...args] as const;
const readers = {
  status: bigpeer("status", file),
  "status --live": bigpeer("status", file, "--live"),
  "diff stack:a": bigpeer("diff", "stack:a", file),
  "check --stack a --live": bigpeer("check", file, "--stack", "a", "--live"),
  preview: bigpeer("preview", "shop", "--project", "."),
  deploy: bigpeer("deploy", "shop", "--project", "."),
};
const kubeconfig = { KUBECONFIG: "kubeconfig" };

async function say(
  [script, ...args]: readonly [string, ...string[]],
  variables: Readonly<Record<string, string>> = {},
) {
  writeFileSync(
    join(directory, "kubeconfig"),
    JSON.stringify({
      clusters: [{ name: "c", cluster: { server: "http://127.0.0.1:9", "insecure-skip-tls-verify": true } }],
      users: [{ name: "u", user: {} }],
      contexts: ["east", "west"].map((name) => ({ name, context: { cluster: "c", user: "u" } })),
    }),
  );
  const ended = await run(script, args, { ...kubeconfig, ...variables });
  expect(ended.text).not.toMatch(/^ +at .*:\d+|node:internal|err\?:|code: -2|Command failed/m);
  return ended;
}

describe.each(Object.entries(readers))("%s", (name, command) => {
  test("says that there is no pulumi, and where it comes from", async () => {
    const { code, text } = await say(command, { PATH: join(directory, "nothing") });
    expect(text).toContain(
      "there is no `pulumi` on PATH: install Pulumi 3.250 or newer (https://www.pulumi.com/docs/install)",
    );
    expect(code).toBe(/preview|deploy/.test(name) ? 1 : 2);
  });

  test("says that a passphrase is missing, and by which variables it is given", async () => {
    const stderr =
      "error: getting stack configuration: get stack secrets manager: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables\n";
    pulumi.says({ stderr, code: 255 });
    const { code, text } = await say(command);
    expect(text).toContain(
      "set PULUMI_CONFIG_PASSPHRASE to it, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that contains it",
    );
    expect(code).toBe(/preview|deploy/.test(name) ? 1 : 2);
  });
});

test("status says once for all stacks why none of them can be read", async () => {
  pulumi.says({ stderr: "error: incorrect passphrase\n", code: 255 });
  const { text } = await say(readers.status);
  expect(text.trim().split("\n")).toHaveLength(1);
  expect(text).toMatch(/^error: the stacks "a", "b" cannot be read: PULUMI_CONFIG_PASSPHRASE is not the passphrase/);
});

test("status takes a stack that does not exist as not deployed", async () => {
  pulumi.says({ stderr: "error: no stack named 'a' found\n", code: 255 });
  const { code, text } = await say(readers.status);
  expect(text).toMatch(/is declared, but not deployed/);
  expect(code).toBe(1);
});

describe.each([
  ["status --live", bigpeer("status", file, "--live")],
  ["check --live", bigpeer("check", file, "--live")],
  ["verify", bigpeer("verify", file)],
  ["migrate --compare", bigpeer("migrate", "bp1", "bp2", "topologies/copy.yaml", "--compare")],
  ["import", bigpeer("import", "--context", "east")],
  ["render --fetch-cas", bigpeer("render", "topologies/copy.yaml", "--out", "out", "--fetch-cas", "cas")],
])("%s", (_, command) => {
  beforeAll(() => {
    writeFileSync(
      join(directory, "topologies/copy.yaml"),
      `environment: development
clusters: { east: {} }
peers: { bp1: { cluster: east, version: 1.63.2 }, bp2: { cluster: east, version: 1.63.2 } }
apps: { cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2] } }
replications: { cars-from-bp1-to-bp2: { app: cars, from: bp1, to: bp2, queries: { cars: "true" } } }
`,
    );
  });

  test("says once that there is no kubeconfig, and how one is got", async () => {
    const { code, text } = await say(command, { KUBECONFIG: "" });
    expect(text).toMatch(
      /^error: there is no kubeconfig, since KUBECONFIG is not set and .*\.kube\/config does not exist; get one/,
    );
    expect(text).not.toContain("loaded-context");
    expect(text.trim().split("\n")).toHaveLength(1);
    expect(code).toBe(2);
  });

  test("says which contexts there are where that of the topology is not among them", async () => {
    writeFileSync(
      join(directory, "other"),
      JSON.stringify({ clusters: [], users: [], contexts: [{ name: "north", context: { cluster: "c", user: "u" } }] }),
    );
    const { code, text } = await say(command, { KUBECONFIG: "other" });
    expect(text).toMatch(/^error: the kubeconfig has no context "east"; it has: north; set `context` of the cluster/);
    expect(code).toBe(2);
  });
});

test("a documents' comparison whose cluster does not answer says so", async () => {
  const { code, text } = await say(bigpeer("migrate", "bp1", "bp2", "topologies/copy.yaml", "--compare"));
  expect(text).toMatch(/^error: the documents cannot be compared: /);
  expect(code).toBe(2);
});

test.each([
  ["preview", bigpeer("preview", file, "--project", "nowhere")],
  ["deploy", bigpeer("deploy", file, "--project", "nowhere")],
])("%s names a project's folder that is not there", async (_, command) => {
  const { code, text } = await say(command);
  expect(text).toMatch(/^error: there is no folder .*nowhere; name the one that has the Pulumi\.yaml/);
  expect(code).toBe(2);
});

test("packages that are not installed are said to be so, with the command, before anything else", async () => {
  const bare = join(directory, "bare");
  for (const folder of ["cli", "program", "speed"]) mkdirSync(join(bare, folder), { recursive: true });
  for (const name of [
    "package.json",
    "cli/bigpeer.js",
    "cli/bigpeer.ts",
    "cli/prerequisites.js",
    "program/diagnostic-reports.cjs",
    "speed/compile-cache.cjs",
  ])
    copyFileSync(name, join(bare, name));
  const sentence = `error: the packages are not installed: run \`npm ci\` in ${bare}\n`;
  for (const command of ["check", "deploy", "dev", "lab"])
    expect(await run(join(bare, "cli/bigpeer.js"), [command])).toEqual({ code: 2, text: sentence });
});

/** As the Automation API writes it, seen with 3.250.0. */
const failed = (stderr: string) =>
  new Error(`code: -2\n stdout: secret\n stderr: ${stderr}\n err?: Error: ${stderr}\n    at x (y.js:1:1)\n`);

test.each([
  ["Command failed with ENOENT: pulumi version\nspawn pulumi ENOENT", /^there is no `pulumi` on PATH: install Pulumi/],
  [
    "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
    /^Pulumi is not logged in to a backend: run `pulumi login`, or set PULUMI_ACCESS_TOKEN/,
  ],
  [
    "error: this command requires logging in; try running `pulumi login` first",
    /^Pulumi is not logged in to a backend/,
  ],
  ["error: Unauthorized: No credentials provided or are invalid.", /^Pulumi is not logged in to a backend/],
  [
    "Command failed with exit code 6: pulumi preview\nerror: no stack named 'dev' found",
    /^the backend has no stack "dev": .*`pulumi stack init dev` creates this one/,
  ],
  [
    "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n  file:///s/x.json: created by me@host (pid 7) at 2026-01-01T00:00:00Z",
    /^another update has locked the stack: wait .*`pulumi cancel --stack <stack>` releases its lock\n {2}file:.*created by me@host \(pid 7\)/,
  ],
  ["error: [409] Conflict: Another update is currently in progress.", /^another update has locked the stack/],
  [
    "error: no Pulumi.yaml project file found (searching upwards from /x). If you have not created a project yet, …",
    /^this folder is not a Pulumi project: run the command in the folder that has the Pulumi\.yaml$/,
  ],
  [
    "error: unable to open bucket postgres://me:SECRET@db/x: no driver",
    /^the backend postgres:\/\/me:…@db\/x cannot be opened: no driver\nCheck that PULUMI_BACKEND_URL/,
  ],
  [
    "error: no resource plugin 'pulumi-resource-kubernetes' found in the workspace at version v4.32.0 or on your $PATH",
    /^the provider kubernetes v4\.32\.0 is not installed: run `pulumi plugin install resource kubernetes v4\.32\.0`$/,
  ],
  [
    "error: failed to load language plugin nodejs: no language plugin 'pulumi-language-nodejs' found in the workspace or on your $PATH",
    /^the program needs `pulumi-language-nodejs`, which is not next to `pulumi`/,
  ],
])("of the engine's %j comes what is missing and how it is got", (stderr, sentence) => {
  expect(engineError(failed(stderr))).toMatch(sentence);
  expect(engineError(failed(stderr))).not.toMatch(/SECRET|secret|y\.js/);
});

test("an engine that is too old, and what is no engine, are told from one that is missing", () => {
  const old =
    "Minimum version requirement failed. The minimum CLI version requirement is 3.2.0-alpha, your current CLI version is v3.1.0. Please update the Pulumi CLI.";
  expect(engineError(new Error(old))).toMatch(/^the `pulumi` on PATH is v3\.1\.0: install Pulumi 3\.250/);
  expect(engineError(new Error("Failed to parse Pulumi CLI version. This is probably"))).toMatch(
    /may be a different program/,
  );
});

test("of a failed command only what the engine says about it is shown", () => {
  expect(engineError(failed("x\nerror: cannot log in:\n  no token"))).toBe("cannot log in:\n  no token");
  expect(engineError(failed("Command failed with exit code 1: pulumi up --yes\nno engine here"))).toBe(
    "no engine here",
  );
  expect(engineError("odd")).toBe("odd");
});

test("what the engine reports as errors comes first, and what is missing beside it is not lost", () => {
  const end = failed("error: update failed");
  expect(engineError(end, ["bp1: forbidden", "bp1: forbidden", "bp2: forbidden"])).toBe(
    "bp1: forbidden\nbp2: forbidden",
  );
  expect(engineError(end, ["incorrect passphrase"])).toMatch(/^PULUMI_CONFIG_PASSPHRASE is not the passphrase/);
  expect(engineError(failed("error: no stack named 'dev' found"), ["odd"])).toMatch(
    /^odd\nthe backend has no stack "dev"/,
  );
});
