/**
 * What every command has in common. The tables are made from the list of commands: a new one is judged at once, and one that takes a
 * topology in a way of its own fails here.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandLine } from "../../../cli/usage/command-line.ts";
import { DocumentedCommand } from "../../../cli/usage/documented-command.ts";
import { cacheFolder } from "../../../program/cache-folder.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-every-"));
  writeFileSync(join(directory, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
  mkdirSync(join(directory, "topologies"));
  mkdirSync(join(directory, "alone"));
  cpSync("topologies/two-clusters.yaml", join(directory, "topologies/two-clusters.yaml"));
  cpSync("topologies/two-clusters.yaml", join(directory, "alone/two-clusters.yaml"));
  const bad = "clusters: {}\npeers: { bp1: { cluster: nowhere, version: 1.63.2 } }\n";
  for (const folder of ["topologies", "bad-alone"]) {
    mkdirSync(join(directory, folder), { recursive: true });
    writeFileSync(join(directory, folder, "bad.yaml"), bad);
  }
  mkdirSync(join(directory, "empty"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function bigpeer(
  args: readonly string[],
  { input = "", closed = false, cache }: { input?: string; closed?: boolean; cache?: string | undefined } = {},
): Promise<Ended> {
  const env = {
    PATH: directory,
    HOME: directory,
    NO_COLOR: "1",
    BIGPEER_CACHE: cache ?? cacheFolder(),
    BIGPEER_LAB_HOME: directory,
  };
  const child = spawn(process.execPath, [resolve("cli/bigpeer.js"), ...args], { cwd: directory, env });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  if (closed) child.stdout.destroy();
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  return new Promise((done) => child.once("close", (code) => done({ code, ...said })));
}

const commands = leaves(await commandLine());

function leaves(command: { readonly commands: readonly unknown[] }): DocumentedCommand[] {
  return command.commands.flatMap((each) =>
    each instanceof DocumentedCommand ? (each.commands.length === 0 ? [each] : leaves(each)) : [],
  );
}

function pathOf(command: DocumentedCommand): string[] {
  const { parent } = command;
  return parent instanceof DocumentedCommand ? [...pathOf(parent), command.name()] : [command.name()];
}

/** The arguments that name a topology, wherever they stand. */
const topologyArguments = ["topology", "topologies", "environment", "base", "head"];

/** Every other argument of a command, with a value for it. */
const otherArguments: Readonly<Record<string, string>> = {
  from: "bp1",
  to: "bp3",
  file: "-",
  id: "flows-back",
  shell: "bash",
  folder: "new-project",
  // Names that the topology does not have: the message lists those that it has, and no file is changed.
  replication: "nothing",
  hub: "nobody",
  standby: "nobody-else",
  peer: "nobody",
};

/** What a command needs beside its arguments. */
const options: Readonly<Record<string, readonly string[]>> = {
  render: ["--out", "out", "--check", "--allow-missing-ca"],
  pin: ["--base", "none"],
  issue: ["--title", "drift"],
  import: ["--context", "nowhere"],
  support: ["--cluster", "nowhere"],
  init: ["--yes"],
  // A checkout takes itself for the project, wherever it is called.
  ...Object.fromEntries(["deploy", "preview", "stacks"].map((name) => [name, ["--project", "."]])),
};

/** Commands that start something on a good topology, so they get a bad one. */
const starting = ["dev", "lab up"];

function call(command: DocumentedCommand, topology: string): string[] {
  const words = command.registeredArguments.map((argument) => {
    const name = argument.name();
    if (topologyArguments.includes(name)) return name === "base" ? "topologies/two-clusters.yaml" : topology;
    const value = otherArguments[name];
    if (value === undefined)
      throw new Error(`${pathOf(command).join(" ")} has the argument ${name}, which is in no table`);
    return value;
  });
  return [...pathOf(command), ...words, ...(options[command.name()] ?? [])];
}

const taking = commands.filter(({ registeredArguments }) =>
  registeredArguments.some((argument) => topologyArguments.includes(argument.name())),
);

test("the tables know every command", () => {
  expect(taking.length).toBeGreaterThan(15);
  for (const command of commands) expect(call(command, "x").length).toBeGreaterThan(0);
});

describe("a topology is taken by its file, its name, its folder and from the standard input", () => {
  test.each(taking.map((command) => [pathOf(command).join(" "), command] as const))(
    "by bigpeer %s",
    async (path, command) => {
      const isStarting = starting.includes(path);
      const name = isStarting ? "bad" : "two-clusters";
      const file = `topologies/${name}.yaml`;
      const folder = isStarting ? "bad-alone" : "alone";
      const input = readFileSync(join(directory, file), "utf8");
      const [byFile, byName, inFolder, piped] = await Promise.all([
        bigpeer(call(command, file)),
        bigpeer(call(command, name)),
        bigpeer(call(command, folder)),
        bigpeer(call(command, "-"), { input }),
      ]);
      const said = ({ code, stdout, stderr }: Ended) => ({
        code,
        stdout: alike(stdout, name),
        stderr: alike(stderr, name),
      });
      expect(byFile.stderr).not.toMatch(/^ +at .*:\d+|node:internal/m);
      expect(said(byName)).toEqual(said(byFile));
      expect(said(inFolder)).toEqual(said(byFile));
      if (piped.code === 2 && piped.stderr.includes("standard input"))
        // What runs stacks or changes the file needs one.
        expect(["deploy", "preview", "stacks", "pin", "pause", "resume", "failover", "next-address"]).toContain(path);
      else expect(said(piped)).toEqual(said(byFile));
    },
    60_000,
  );

  /** The ways in which a message may name the topology. */
  function alike(text: string, name: string): string {
    return text
      .replaceAll(directory, "")
      .replace(new RegExp(`(?:/)?(?:topologies|alone|bad-alone)/${name}\\.yaml`, "g"), "<topology>")
      .replace(
        /(?<![\w<-])(?:bad-alone|alone|standard input|<file>|-(?=[ :]|$)|(?:two-clusters|bad)(?:\.yaml)?)(?![\w>])/gm,
        "<topology>",
      );
  }

  test("a folder without a topology, and a name that there is not, say what to write", async () => {
    const [empty, several, misspelt] = await Promise.all([
      bigpeer(["check", "empty"]),
      bigpeer(["graph", "topologies"]),
      bigpeer(["graph", "two-clutsers"]),
    ]);
    expect(empty).toMatchObject({ code: 2, stderr: "error: the folder empty has no topology (*.yaml) in it\n" });
    expect(several.stderr).toMatch(
      /has 2 topologies; name one of them: topologies\/bad\.yaml, topologies\/two-clusters\.yaml/,
    );
    expect(misspelt).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean "two-clusters"?') });
  });

  test("check judges every topology of a folder, and what another one includes only as a part of that", async () => {
    const fleet = join(directory, "fleet");
    mkdirSync(join(fleet), { recursive: true });
    writeFileSync(join(fleet, "whole.yaml"), "include: [part.yaml]\nclusters: { dev: {} }\n");
    writeFileSync(join(fleet, "part.yaml"), "peers: { bp1: { cluster: dev, version: 1.63.2 } }\n");
    cpSync("topologies/dev.yaml", join(fleet, "dev.yaml"));
    const { stdout } = await bigpeer(["check", "fleet"]);
    expect(stdout).toMatch(/^fleet\/dev\.yaml: /m);
    expect(stdout).toMatch(/^fleet\/whole\.yaml: 1 peer, 0 replications/m);
    expect(stdout).not.toMatch(/^fleet\/part\.yaml: /m);
  });
});

describe("a reader that has seen enough, as head has, is no failure", () => {
  test.each(commands.map((command) => [pathOf(command).join(" "), command] as const))(
    "of bigpeer %s",
    async (path, command) => {
      const name = starting.includes(path) ? "bad" : "two-clusters";
      // Without a cache it would build for an hour; without Go on PATH it says what it needs.
      const cache = path === "lab tools" ? join(directory, "cache") : undefined;
      const { stderr } = await bigpeer(call(command, name), { closed: true, cache });
      expect(stderr).not.toMatch(/EPIPE|^ +at .*:\d+|node:internal/m);
    },
    30_000,
  );
});

describe("the help", () => {
  test.each(commands.map((command) => [pathOf(command).join(" "), command] as const))(
    "of bigpeer %s has examples and exit codes",
    (path, command) => {
      let text = "";
      command.configureOutput({ writeOut: (part) => (text += part) });
      expect(() => command.parse(["--help"], { from: "user" })).toThrow();
      expect(text).toMatch(/\nExamples:\n {2}\S.+ # \S/);
      expect(text).toMatch(/\nExit codes:\n {2}0 {2}\S.*\n(?: {2}1 {2}\S.*\n)? {2}2 {2}\S.*\n$/);
      expect(
        command.examples.some(([call]) => call.includes(`bigpeer ${path}`)),
        path,
      ).toBe(true);
    },
  );
});

test("no sentence of a command has one of something in the plural", async () => {
  writeFileSync(
    join(directory, "one.yaml"),
    "clusters: { dev: {} }\npeers: { bp1: { cluster: dev, version: 1.63.2 } }\n",
  );
  const quiet = taking.filter((command) => !starting.includes(pathOf(command).join(" ")));
  const said = await Promise.all(
    quiet.map(async (command) => {
      const { stdout, stderr } = await bigpeer(call(command, "one.yaml"));
      return `${pathOf(command).join(" ")}\n${stdout}${stderr}`;
    }),
  );
  const nouns =
    "peers|replications|apps|clusters|objects|files|findings|errors|warnings|notes|stacks|probes|changes|connections|rules|steps|causes|collections|entries|processes";
  for (const text of said) expect(text).not.toMatch(new RegExp(`(?<![\\d.,-])1 (?:${nouns})\\b`));
}, 60_000);
