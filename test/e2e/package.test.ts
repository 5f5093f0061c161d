/** What users have: both packages as a release packs them, installed into empty folders. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandLine } from "../../cli/usage/command-line.ts";
import { type RunningLab, startLab } from "../../lab/lab.ts";
import { ensureTool } from "../../lab/tool-builds.ts";
import { yamlLanguageSource } from "../../lab/tool-sources.ts";
import { installPackages, type PackedPackage, packPackages } from "../../scripts/packed-packages.ts";
import { githubStandIn } from "../support/forge-stand-in.ts";
import { installedProgram, strictConfiguration } from "../support/installed-program.ts";
import { brokenImports } from "../support/package-imports.ts";
import { pluginHostFolder } from "../support/plugin-host.ts";

const directory = mkdtempSync(join(tmpdir(), "bigpeer-package-"));
const [program, project] = [join(directory, "program"), join(directory, "project")];
let packages: readonly PackedPackage[];
let lab: RunningLab;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  packages = await packPackages(join(directory, "packages"));
  await installPackages(
    program,
    packages.map(({ file }) => file),
  );
  lab = await startLab({
    directory: join(directory, "lab"),
    clusters: [{ name: "dev", context: "dev", namespaces: ["ditto"] }],
  });
  const state = join(directory, "state");
  mkdirSync(state);
  environment = {
    ...lab.env,
    NO_COLOR: "1",
    BIGPEER_LAB_HOME: join(directory, "labs"),
    PULUMI_HOME: join(directory, "home"),
    PULUMI_BACKEND_URL: `file://${state}`,
    PULUMI_CONFIG_PASSPHRASE: "a passphrase of the test alone",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
});
afterAll(async () => {
  // The tests end it themselves, unless one of them fails before.
  if (called.has("lab up") && !called.has("lab down"))
    await run(program, process.execPath, join(program, "node_modules/.bin/bigpeer"), "lab", "down", "--name", "second");
  await lab?.stop();
  rmSync(directory, { recursive: true, force: true });
});

/** Runs a program in a folder, with nobody at a terminal. */
async function run(
  folder: string,
  command: string,
  ...args: string[]
): Promise<{ code: number | null; output: string }> {
  const child = spawn(command, args, { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const [code] = await once(child, "close");
  return { code, output };
}

/** The commands that were run from an installed package. */
const called = new Set<string>();

function bigpeer(folder: string, ...args: string[]) {
  if (!args.includes("--help")) called.add(args[0] === "lab" ? args.slice(0, 2).join(" ") : (args[0] ?? ""));
  return run(folder, process.execPath, join(folder, "node_modules/.bin/bigpeer"), ...args);
}

async function pulumi(folder: string, ...args: string[]): Promise<string> {
  const { code, output } = await run(folder, "pulumi", ...args, "--non-interactive");
  expect(code, output).toBe(0);
  return output;
}

/** Takes what was packed in the place of a registry's, and of a new project what it asks for. */
async function installProject(folder: string): Promise<void> {
  const file = join(folder, "package.json");
  const manifest: { dependencies: Record<string, string>; devDependencies: Record<string, string> } = JSON.parse(
    readFileSync(file, "utf8"),
  );
  const of = (wanted: string) => `file:${packages.find(({ name }) => name === wanted)?.file}`;
  for (const group of [manifest.dependencies, manifest.devDependencies])
    for (const name of Object.keys(group)) if (name.startsWith("bigpeer-")) group[name] = of(name);
  writeFileSync(file, JSON.stringify(manifest));
  await installPackages(folder, []);
}

test("the packages have what they import, and no sources, tests or tools of this project", () => {
  const installed = join(program, "node_modules");
  for (const name of ["bigpeer-topology", "bigpeer-topology-lab"]) {
    expect(brokenImports(join(installed, name))).toEqual([]);
    const files = readdirSync(join(installed, name), { recursive: true, encoding: "utf8" });
    // Pulumi's provider host makes the schema for other languages from these declarations.
    const sources = files.filter((file) => /(?<!\.d)\.ts$|\.test\.|^(test|bench|lab)\//.test(file));
    expect(sources).toEqual(name === "bigpeer-topology" ? ["plugin/big-peer-topology.ts"] : []);
  }
  // The lab's X.509 and its Go sources are the lab's alone.
  const core = readdirSync(join(installed, "bigpeer-topology"), { recursive: true, encoding: "utf8" });
  expect(core.filter((file) => /\.go$|go\.(mod|sum)$|x509/.test(file))).toEqual([]);
  expect(readdirSync(join(installed, "bigpeer-topology-lab/dist/go"))).toContain("kubernetes");
});

test("a strict program type-checks against the declarations, and runs on the lab by Node.js alone", async () => {
  await installPackages(program, ["typescript@6.0.3", "@types/node@24.19.2"]);
  writeFileSync(join(program, "index.ts"), installedProgram);
  writeFileSync(join(program, "tsconfig.json"), JSON.stringify(strictConfiguration));
  const checked = await run(program, process.execPath, join(program, "node_modules/typescript/bin/tsc"), "-p", ".");
  expect(checked.output).toBe("");
  expect(checked.code).toBe(0);
  const runtime = "runtime:\n  name: nodejs\n  options:\n    typescript: false\n";
  writeFileSync(join(program, "Pulumi.yaml"), `name: program\n${runtime}main: index.ts\n`);
  await pulumi(program, "stack", "init", "dev");
  expect(await pulumi(program, "preview", "--stack", "dev")).toMatch(/ditto\.live\/v1alpha1:BigPeer\b/);
  await pulumi(program, "up", "--yes", "--stack", "dev");
  expect(await pulumi(program, "stack", "output", "--stack", "dev", "--json")).toMatch(/"policies": 4/);
  await pulumi(program, "destroy", "--yes", "--stack", "dev");
}, 400_000);

test("a project of bigpeer init is checked, previewed, deployed, verified and drawn by the installed package alone", async () => {
  mkdirSync(project);
  called.add("init");
  const nobody = await run(project, process.execPath, join(program, "node_modules/.bin/bigpeer"), "init");
  expect(nobody).toEqual({
    code: 2,
    output: expect.stringMatching(/^error: there is no terminal on which to ask: add --yes/),
  });
  expect(readdirSync(project)).toEqual([]);
  const made = await run(project, process.execPath, join(program, "node_modules/.bin/bigpeer"), "init", "--yes");
  expect(made.code, made.output).toBe(0);
  await installProject(project);
  expect(await bigpeer(project, "check")).toEqual({
    code: 0,
    output: expect.stringMatching(/^topologies\/dev\.yaml: 2 peers, 1 replication, no findings/),
  });
  await pulumi(project, "stack", "init", "dev");
  expect(await pulumi(project, "preview", "--stack", "dev")).toMatch(/ditto\.live\/v1alpha1:BigPeerReplication/);
  await pulumi(project, "up", "--yes", "--stack", "dev");

  const file = "topologies/dev.yaml";
  const other = "topologies/other.yaml";
  const text = readFileSync(join(project, file), "utf8");
  writeFileSync(join(project, other), text.replace("blue'", "red'"));
  // Files for GitOps need every ID in the topology.
  const known = "topologies/known.yaml";
  writeFileSync(join(project, known), text.replace("  cars: {", "  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7,"));
  const real: readonly (readonly [args: string, code: number, said: RegExp])[] = [
    ["verify --reach cluster-ip", 0, /2 of 2 probes passed/],
    ["status --live", 0, /nothing differs/],
    ["status --live --all", 0, /bp1/],
    [`expand ${file}`, 0, /bp1/],
    [`firewall ${file}`, 0, /bp1/],
    ["preview dev", 0, /./],
    ["deploy dev", 0, /dev/],
    ["check --live --stack dev", 0, /no findings/],
    [`contract ${file} --context dev`, 0, /./],
    [`diff ${file} ${other}`, 0, /Changes replication blue-cars/],
    ["graph", 0, /^flowchart/],
    ["graph --format svg", 0, /<svg/],
    ["graph --format html", 0, /<html/i],
    ["explain blue-cars --reach cluster-ip", 0, /bp2/],
    ["support --output bundle.tar.gz", 0, /bundle\.tar\.gz/],
    [`pause blue-cars ${other}`, 0, /blue-cars/],
    [`resume blue-cars ${other}`, 0, /blue-cars/],
    [`failover nobody bp2 ${other}`, 2, /nobody/],
    [`next-address nobody ${other}`, 2, /nobody/],
    [`rbac ${file}`, 0, /kind: Role/],
    [`helm-values ${file}`, 0, /nothing is exposed/],
    [`pin ${file} --base none`, 0, /./],
    ["evict --peer bp1", 0, /come back from bp2/],
    ["migrate bp1 bp2", 0, /cars-to-bp2/],
    [`render ${known} --out rendered --allow-missing-ca`, 0, /./],
    ["explain-rule port-clash", 0, /port-clash[\s\S]*why:/],
    ["completion bash", 0, /complete/],
    ["stacks dev", 0, /dev/],
    // It cannot write the token of a playground.
    ["import --context dev --namespace ditto", 1, /bp1/],
    ["lab tools", 0, /kube-apiserver/],
    ["lab status", 1, /The lab dev is not running/],
  ];
  const failed: string[] = [];
  for (const [args, expected, said] of real) {
    const { code, output } = await bigpeer(project, ...args.split(" "));
    if (code !== expected || !said.test(output)) failed.push(`${args} (${code}):\n${output}`);
  }
  expect(failed).toEqual([]);

  const forge = await githubStandIn("a-token-of-the-test");
  const before = environment;
  environment = {
    ...environment,
    ...{ GITHUB_REPOSITORY: "acme/topologies", GITHUB_API_URL: forge.url, GITHUB_TOKEN: "a-token-of-the-test" },
  };
  writeFileSync(join(project, "report.md"), "Something differs.\n");
  const reported = [
    await bigpeer(project, "comment", "report.md", "--marker", "diff", "--pull-request", "5"),
    await bigpeer(project, "issue", "report.md", "--marker", "drift", "--title", "Drift"),
  ];
  environment = before;
  await forge.stop();
  expect(reported.map(({ code, output }) => (code === 0 ? "done" : output))).toEqual(["done", "done"]);
  expect(forge.entries.map(({ body }) => body.includes("Something differs."))).toEqual([true, true]);

  const again = await bigpeer(project, "init", "--yes");
  expect(again.output).toMatch(/left {5}index\.ts/);
  expect(again.output).not.toMatch(/^written/m);
  await pulumi(project, "destroy", "--yes", "--stack", "dev");
}, 400_000);

test("every command of the installed package says how it is called", async () => {
  const { commands } = await commandLine();
  const calls = commands.flatMap((command) => [
    [command.name()],
    ...command.commands.map((below) => [command.name(), below.name()]),
  ]);
  expect(calls.length).toBeGreaterThan(20);
  const failed: string[] = [];
  for (const call of calls) {
    const { code, output } = await bigpeer(project, ...call, "--help");
    if (code !== 0 || !output.startsWith(`Usage: bigpeer ${call.join(" ")}`))
      failed.push(`${call.join(" ")}: ${output}`);
  }
  expect(failed).toEqual([]);
});

test("bigpeer dev runs a new project on a lab of the installed package, and says the command that installs it where it is not", async () => {
  const run = await bigpeer(project, "dev", "--once");
  expect(run.output).toMatch(/2 of 2 probes passed/);
  expect(run.code).toBe(0);
  for (const [call, said] of [
    ["up", /lab env --name second/],
    ["env", /KUBECONFIG/],
    ["status", /second/],
    ["down", /second/],
  ] as const) {
    const { code, output } = await bigpeer(project, "lab", call, "--name", "second");
    expect([call, code, output]).toEqual([call, 0, expect.stringMatching(said)]);
  }
  rmSync(join(project, "node_modules/bigpeer-topology-lab"), { recursive: true });
  for (const call of [["dev"], ["lab", "up"]])
    expect(await bigpeer(project, ...call)).toEqual({
      code: 2,
      output: expect.stringMatching(/^error: .*: npm install --save-dev bigpeer-topology-lab@\d+\.\d+\.\d+\n$/),
    });
}, 300_000);

test("no command of the command line was left out", async () => {
  const { commands } = await commandLine();
  const all = commands.flatMap((command) =>
    command.commands.length > 0
      ? command.commands.map((below) => `${command.name()} ${below.name()}`)
      : [command.name()],
  );
  expect(all.filter((name) => !called.has(name))).toEqual([]);
});

test("pulumi new takes the same project from the folder template/", async () => {
  const fresh = join(directory, "fresh");
  mkdirSync(fresh);
  const flags = ["--generate-only", "--yes", "--name", "fleet", "--description", "Ours", "--dir", fresh];
  await pulumi(directory, "new", join(process.cwd(), "template"), ...flags);
  expect(readFileSync(join(fresh, "Pulumi.yaml"), "utf8")).toMatch(/^name: fleet\ndescription: Ours\n/);
  expect(existsSync(join(fresh, ".gitignore"))).toBe(true);
  // The same packages again.
  symlinkSync(join(program, "node_modules"), join(fresh, "node_modules"));
  await pulumi(fresh, "stack", "init", "dev");
  expect(await pulumi(fresh, "preview", "--stack", "dev")).toMatch(/ditto\.live\/v1alpha1:BigPeer\b/);
});

test("a program in YAML names the plugin of the installed package by its folder, and deploys a topology with it", async () => {
  const folder = join(directory, "yaml");
  mkdirSync(folder);
  symlinkSync(join(program, "node_modules"), join(folder, "node_modules"));
  const hosts = [pluginHostFolder(join(directory, "hosts")), dirname(await ensureTool(yamlLanguageSource()))];
  environment = { ...environment, PATH: [...hosts, environment.PATH].join(delimiter) };
  const plugin = "./node_modules/bigpeer-topology/plugin";
  const example = readFileSync("examples/yaml/Pulumi.yaml", "utf8");
  writeFileSync(join(folder, "Pulumi.yaml"), `${example}packages:\n  bigpeer: ${plugin}\n`);
  expect(await pulumi(folder, "package", "get-schema", plugin)).toContain('"bigpeer:index:BigPeerTopology"');
  await pulumi(folder, "stack", "init", "dev");
  expect(await pulumi(folder, "preview", "--stack", "dev")).toMatch(/bigpeer:index:BigPeerTopology/);
  await pulumi(folder, "up", "--yes", "--stack", "dev");
  expect(await pulumi(folder, "stack", "output", "apiOfBp1", "--stack", "dev")).toMatch(/:8080$/m);
  await pulumi(folder, "destroy", "--yes", "--stack", "dev");
}, 400_000);
