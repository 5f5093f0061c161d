/** The command line as a whole: one entry, one way of errors, exit codes and closed pipes. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { commandLine } from "../../../cli/usage/command-line.ts";
import { DocumentedCommand } from "../../../cli/usage/documented-command.ts";
import { cacheFolder } from "../../../program/cache-folder.ts";
import { commandsPage } from "../../../scripts/commands-page.ts";
import { pulumiStandIn } from "../../support/pulumi-stand-in.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-line-"));
  writeFileSync(join(directory, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
  writeFileSync(join(directory, "good.yaml"), readFileSync("topologies/dev.yaml"));
  writeFileSync(join(directory, "bad.yaml"), "clusters: {}\npeers: { bp1: { cluster: nowhere, version: 1.63.2 } }\n");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param closed the streams whose reader has gone before the command writes anything */
function bigpeer(
  args: readonly string[],
  { path = directory, closed = [] }: { path?: string; closed?: readonly ("stdout" | "stderr")[] } = {},
): Promise<Ended> {
  const env = { PATH: path, HOME: directory, NO_COLOR: "1", BIGPEER_CACHE: cacheFolder(), BIGPEER_LAB_HOME: directory };
  const child = spawn(process.execPath, [resolve("cli/bigpeer.js"), ...args], { cwd: directory, env });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
    if (closed.includes(name)) child[name].destroy();
  }
  return new Promise((done) => child.once("close", (code) => done({ code, ...said })));
}

describe("a command ends with", () => {
  test.each<[code: number, args: string[]]>([
    [0, ["--help"]],
    [0, ["--version"]],
    [0, ["help", "deploy"]],
    [0, ["lab", "up", "--help"]],
    [0, ["check", "good.yaml"]],
    [0, ["lab", "down"]],
    [1, ["check", "bad.yaml"]],
    [1, ["graph", "bad.yaml"]],
    [1, ["dev", "bad.yaml"]],
    [1, ["lab", "up", "bad.yaml"]],
    [1, ["lab", "status"]],
    [2, []],
    [2, ["lab"]],
    [2, ["chekc"]],
    [2, ["check", "--jsno"]],
    [2, ["check", "--json", "--sarif"]],
    [2, ["verify", "good.yaml", "--reach", "on-foot"]],
    [2, ["check", "nowhere.yaml"]],
    [2, ["dev", "nowhere"]],
    [2, ["deploy", "nowhere"]],
    [2, ["deploy", "good.yaml", "--parallel", "many"]],
    [2, ["lab", "up", "nowhere.yaml"]],
    [2, ["lab", "down", "--name", "../elsewhere"]],
    [2, ["explain-rule", "no-such-rule"]],
    [2, ["completion", "tcsh"]],
  ])("%i: bigpeer %j", async (code, args) => {
    const ended = await bigpeer(args);
    expect(ended.code).toBe(code);
    expect(ended.stderr).not.toMatch(/^ +at .*:\d+|node:internal/m);
    if (code !== 0) expect(`${ended.stdout}${ended.stderr}`).not.toBe("");
  });
});

test("--version is the version of the package", async () => {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync("package.json", "utf8")));
  expect((await bigpeer(["--version"])).stdout).toBe(`${version}\n`);
});

test("a misspelt command gets the nearest, also where its own usage alone would be loaded", async () => {
  expect((await bigpeer(["depoly", "good.yaml"])).stderr).toContain("Did you mean deploy?");
});

describe("a reader that has seen enough is no failure", () => {
  test.each([[["check", "good.yaml"]], [["graph", "good.yaml"]], [["explain-rule"]], [["--help"]]])(
    "of %j",
    async (args) => {
      expect(await bigpeer(args, { closed: ["stdout"] })).toEqual({ code: 0, stdout: "", stderr: "" });
    },
  );

  test("of both streams, as behind 2>&1", async () => {
    expect((await bigpeer(["deploy", "nowhere"], { closed: ["stdout", "stderr"] })).code).toBe(2);
  });

  test("and deploy then begins no other stack, as after Ctrl-C", async () => {
    const pulumi = pulumiStandIn(directory);
    pulumi.says({});
    const stacks = ["a", "b", "c"];
    const clusters = stacks.map((stack) => `  ${stack}: { stack: ${stack} }`).join("\n");
    const peers = stacks.map((stack) => `  peer-${stack}: { cluster: ${stack}, version: 1.63.2 }`).join("\n");
    writeFileSync(join(directory, "split.yaml"), `clusters:\n${clusters}\npeers:\n${peers}\n`);
    for (const stack of stacks)
      writeFileSync(join(directory, `Pulumi.${stack}.yaml`), "config:\n  bigpeer:topology: split.yaml\n");
    const args = ["deploy", "split.yaml", "--project", ".", "--parallel", "1"];
    const { code, stderr } = await bigpeer(args, { path: pulumi.path, closed: ["stdout"] });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(pulumi.calls().length).toBeLessThanOrEqual(1);
    for (const stack of ["a", "b", "c"]) rmSync(join(directory, `Pulumi.${stack}.yaml`));
  });
});

async function documented(): Promise<DocumentedCommand[]> {
  const below = (command: { readonly commands: readonly unknown[] }): DocumentedCommand[] =>
    command.commands.flatMap((each) => (each instanceof DocumentedCommand ? [each, ...below(each)] : []));
  return below(await commandLine());
}

test("the help of every command has examples, and what each exit code means", async () => {
  for (const command of await documented()) {
    const { code, stdout } = await bigpeer([...pathOf(command), "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nExamples:\n {2}\S.*bigpeer|\nExamples:\n {2}bigpeer|\nExamples:\n {2}source/);
    expect(stdout).toMatch(/\nExit codes:\n {2}0 {2}\S.*\n(?: {2}1 {2}\S.*\n)? {2}2 {2}\S.*\n$/);
  }
}, 60_000);

function pathOf(command: DocumentedCommand): string[] {
  const { parent } = command;
  return parent instanceof DocumentedCommand ? [...pathOf(parent), command.name()] : [command.name()];
}

test("every example in a help is a call that the command line takes", async () => {
  for (const { examples } of await documented())
    for (const [call] of examples) {
      const [, words] = /\bbigpeer ([^|>)]+)/.exec(call) ?? [];
      if (words === undefined) continue;
      const args = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
      const program = await commandLine();
      let ran = 0;
      const neuter = (command: { readonly commands: readonly unknown[] }): void => {
        for (const each of command.commands)
          if (each instanceof DocumentedCommand) {
            neuter(each);
            if (each.commands.length === 0)
              each.action(() => {
                ran += 1;
              });
          }
      };
      neuter(program);
      await program.parseAsync(args, { from: "user" });
      expect(ran, call).toBe(1);
    }
});

test("docs/commands.md has every command with its options and exit codes (npm run generate)", async () => {
  const page = await commandsPage();
  expect(readFileSync("docs/commands.md", "utf8")).toBe(page);
  for (const command of await documented()) expect(page).toContain(`### bigpeer ${pathOf(command).join(" ")}\n`);
});

test("npm's scripts call the commands of the same name", () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync("package.json", "utf8")));
  for (const name of ["dev", "lab", "deploy", "verify"]) expect(scripts[name]).toBe(`node cli/bigpeer.js ${name}`);
});
