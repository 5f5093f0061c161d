import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { UserCommand } from "../../support/user-command.ts";

let directory: string;
let kubeconfig: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-init-"));
  kubeconfig = join(directory, "kubeconfig");
  const contexts = ["east", "west"].map((name) => ({ name, context: { cluster: name, user: name } }));
  const clusters = contexts.map(({ name }) => ({ name, cluster: { server: `https://${name}.example.com` } }));
  const users = contexts.map(({ name }) => ({ name, user: {} }));
  writeFileSync(kubeconfig, JSON.stringify({ contexts, clusters, users, "current-context": "west" }));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function init(folder: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const command = new UserCommand(["cli/bigpeer.js", "init", folder, ...args], { KUBECONFIG: kubeconfig });
  return { code: await command.ended, output: command.output };
}

test("bigpeer init --yes writes a project for the current context, and says what to call next", async () => {
  const folder = join(directory, "My Fleet");
  const { code, output } = await init(folder, "--yes");
  expect(code, output).toBe(0);
  expect(readFileSync(join(folder, "topologies/dev.yaml"), "utf8")).toContain("  west: { namespace: ditto }");
  expect(readFileSync(join(folder, "Pulumi.yaml"), "utf8")).toMatch(/^name: my-fleet$/m);
  const again = await init(folder, "--yes");
  expect(again.output).toMatch(/^left {5}index\.ts$/m);
  expect(again.output).not.toMatch(/^written/m);
  expect(output).toMatch(/npm install\n.*npx bigpeer check topologies\/dev\.yaml[\s\S]*pulumi preview --stack dev/);
});

test("a project that is there keeps every file, gets what it lacks, and is told what to do with the others", async () => {
  const folder = join(directory, "ours");
  mkdirSync(folder);
  const ours = { "Pulumi.yaml": "name: ours\nruntime: nodejs\n", "package.json": "{}\n", "index.ts": "// ours\n" };
  for (const [name, text] of Object.entries(ours)) writeFileSync(join(folder, name), text);
  const { code, output } = await init(
    folder,
    "--context",
    "east",
    "west",
    "--namespace",
    "ditto",
    "--expose",
    "gateway",
    "--ci",
    "gitlab",
  );
  expect(code, output).toBe(0);
  for (const [name, text] of Object.entries(ours)) expect(readFileSync(join(folder, name), "utf8")).toBe(text);
  expect(readdirSync(folder).sort()).toEqual(
    [...Object.keys(ours), ".gitignore", ".gitlab-ci.yml", "Pulumi.dev.yaml", "topologies"].sort(),
  );
  expect(output).toMatch(/^left {5}package\.json +run: npm install bigpeer-topology@/m);
  expect(output).toMatch(/^left {5}index\.ts +import \{ program \}/m);
  expect(output).toContain("The Pulumi project that was here is kept");
});

test("a project in another language gets no program of ours, and is told where its own one is described", async () => {
  const folder = join(directory, "ours");
  mkdirSync(folder);
  writeFileSync(join(folder, "Pulumi.yml"), "name: ours\nruntime:\n  name: python\n");
  const { code, output } = await init(folder, "--yes");
  expect(code, output).toBe(0);
  expect(readdirSync(folder).sort()).toEqual([
    ".gitignore",
    "Pulumi.dev.yaml",
    "Pulumi.yml",
    "package.json",
    "topologies",
  ]);
  expect(output).toMatch(/^left {5}Pulumi\.yml$/m);
  expect(output).toContain("(runtime: python), so none was added: docs/languages.md");
});

test("a project whose program has a name of its own is told what to write there", async () => {
  const folder = join(directory, "ours");
  mkdirSync(join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "Pulumi.yaml"), "name: ours\nruntime: nodejs\nmain: src/main.ts\n");
  writeFileSync(join(folder, "src/main.ts"), "// ours\n");
  const { code, output } = await init(folder, "--yes");
  expect(code, output).toBe(0);
  expect(readdirSync(folder)).not.toContain("index.ts");
  expect(output).toMatch(/^left {5}src\/main\.ts +import \{ program \}/m);
});

test.each([
  [["--namespace", "ditto"], /^error: there is no terminal on which to ask: add --yes/],
  [["--yes", "--context", "south"], /^error: the kubeconfig has no context south; it has: east, west/],
  [["--yes", "--expose", "node-port"], /^error: --expose node-port needs a domain: .*; add --domain/],
  [["--yes", "--environment", "Prod/eu"], /^error: --environment Prod\/eu: /],
  [["--yes", "--big-peer-version", "latest"], /^error: --big-peer-version latest: /],
  [["--yes", "--kubeconfig", "/nowhere"], /^error: there is no kubeconfig \/nowhere/],
])("bigpeer init %j writes nothing", async (args, said) => {
  const folder = join(directory, "fleet");
  const { code, output } = await init(folder, ...args);
  expect(output).toMatch(said);
  expect(code).toBe(2);
  expect(readdirSync(directory)).toEqual(["kubeconfig"]);
});
