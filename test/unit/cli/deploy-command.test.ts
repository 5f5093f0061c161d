import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { pulumiStandIn } from "../../support/pulumi-stand-in.ts";

let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "deploy-"));
  writeFileSync(join(project, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
  writeFileSync(join(project, "shop.yaml"), "clusters: {}\npeers: {}\n");
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

function deploy(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  // Nothing on PATH: there is no engine on this machine.
  return deployWith(project, ...args);
}

function deployWith(path: string, ...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const command = ["cli/bigpeer.js", "deploy", join(project, "shop.yaml"), "--project", project, ...args];
  const child = spawn(process.execPath, command, { env: { PATH: path, NO_COLOR: "1" } });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  return new Promise((done) => child.once("close", (code) => done({ code, ...said })));
}

test("a topology that no stack has is a usage error that says how a stack gets it", async () => {
  const { code, stderr } = await deploy();
  expect(stderr).toMatch(
    /^error: no stack of this project uses .*shop\.yaml\. Run this in the folder with the Pulumi\.yaml, once:\n {2}printf 'config:\\n {2}bigpeer:topology: shop\.yaml\\n' > Pulumi\.shop\.yaml && pulumi stack init shop$/m,
  );
  expect(code).toBe(2);
});

test("without an engine it says what to install, in one sentence a stack", async () => {
  writeFileSync(join(project, "Pulumi.shop.yaml"), "config:\n  bigpeer:topology: shop.yaml\n");
  const { code, stdout } = await deploy("--preview");
  expect(stdout).toMatch(/^failed {2}shop {2}0 changes .*\n {4}there is no `pulumi` on PATH: install Pulumi 3\.250/m);
  expect(code).toBe(1);
});

test("--json gives each stack's changes, error and what is pending, and nothing else on the standard output", async () => {
  writeFileSync(join(project, "Pulumi.shop.yaml"), "config:\n  bigpeer:topology: shop.yaml\n");
  const stack = z.object({ stack: z.string(), changes: z.number(), error: z.string(), pending: z.array(z.unknown()) });
  const { code, stdout } = await deploy("--preview", "--json");
  const names = z.array(z.string());
  const form = z.strictObject({ done: z.boolean(), stacks: z.array(stack), notBegun: names, idle: names });
  const report = form.parse(JSON.parse(stdout));
  expect(report).toMatchObject({ done: false, notBegun: [], stacks: [{ stack: "shop", changes: 0, pending: [] }] });
  expect(report.stacks[0]?.error).toMatch(/no `pulumi` on PATH/);
  expect(code).toBe(1);
});

test("--refresh looks at the live objects first, and what is put back counts as a change, the look does not", async () => {
  const pulumi = pulumiStandIn(project);
  const urn = "urn:pulumi:shop::p::kubernetes:v1:Secret::s";
  const event = (kind: string, op: string) => ({
    sequence: 1,
    timestamp: 1,
    [kind]: { metadata: { op, urn, type: "kubernetes:v1:Secret", provider: "" } },
  });
  pulumi.says({
    events: [
      event("resOutputsEvent", "refresh"),
      event("resourcePreEvent", "update"),
      event("resOutputsEvent", "update"),
    ],
  });
  const { code, stdout } = await deployWith(pulumi.path, "--refresh");
  expect(stdout).toMatch(/^ok {2}shop {2}1 change {2}/m);
  expect(stdout).toContain("shop  update Secret s\n");
  expect(stdout).not.toContain("refresh Secret");
  expect(pulumi.calls()).toHaveLength(1);
  expect(pulumi.calls()[0]).toMatch(/^up .*--refresh/);
  expect(code).toBe(0);
  pulumi.says({});
  await deployWith(pulumi.path);
  expect(pulumi.calls()[0]).not.toContain("--refresh");
  await deployWith(pulumi.path, "--preview", "--refresh");
  expect(pulumi.calls()[1]).toMatch(/^preview .*--refresh/);
});

describe("a program that ends before it can tell the engine why", () => {
  const said = (severity: string, message: string) => ({
    sequence: 1,
    timestamp: 1,
    diagnosticEvent: { severity, message },
  });
  const ended = said("error", "an unhandled error occurred: Program exited with non-zero exit code: 1");

  test("is reported with what it printed", async () => {
    const pulumi = pulumiStandIn(project);
    pulumi.says({ events: [said("info#err", "no space left on this machine\n"), ended], code: 255 });
    const { stdout } = await deployWith(pulumi.path);
    expect(stdout).toMatch(/non-zero exit code: 1\n {4}no space left on this machine$/m);
  });

  test.each([
    ["Error: Cannot find module 'bigpeer-topology/preload'\nRequire stack:\n- internal/preload", "bigpeer-topology"],
    ["Error: Cannot find package '@acme/shops' imported from /app/index.ts", "@acme/shops"],
  ])("and lacks a package is reported with how the package is installed: %s", async (message, name) => {
    const pulumi = pulumiStandIn(project);
    pulumi.says({ events: [said("info#err", message), ended], code: 255 });
    const { stdout } = await deployWith(pulumi.path);
    expect(stdout).toContain(`the program loads the package ${name}, which is not installed: run \`npm ci\``);
  });

  test("and lacks a file of its own is reported in the words of Node.js", async () => {
    const pulumi = pulumiStandIn(project);
    const message = "Error: Cannot find module './regions' imported from /app/index.ts";
    pulumi.says({ events: [said("error", message)], code: 255 });
    expect((await deployWith(pulumi.path)).stdout).toContain(message);
  });
});

test("one stack after another is run with --parallel 1, and after a failure the others are listed as not started", async () => {
  const pulumi = pulumiStandIn(project);
  for (const stack of ["a", "b"])
    writeFileSync(join(project, `Pulumi.${stack}.yaml`), "config:\n  bigpeer:topology: shop.yaml\n");
  pulumi.says({ stderr: "error: no\n", code: 255 });
  const { code, stdout } = await deployWith(pulumi.path, "--parallel", "1", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    done: false,
    stacks: [{ stack: "a", error: "no" }],
    notBegun: ["b", "shop"],
  });
  // The list of stacks is asked for first, and says nothing here.
  expect(pulumi.calls().filter((call) => !call.startsWith("stack ls "))).toHaveLength(1);
  expect(code).toBe(1);
  const all = await deployWith(pulumi.path, "--parallel", "1", "--keep-going", "--json");
  expect(JSON.parse(all.stdout)).toMatchObject({
    stacks: [{ stack: "a" }, { stack: "b" }, { stack: "shop" }],
    notBegun: [],
  });
  expect((await deployWith(pulumi.path, "--parallel", "none")).stderr).toMatch(
    /^error: --parallel none: write a number of/,
  );
  for (const stack of ["a", "b"]) rmSync(join(project, `Pulumi.${stack}.yaml`));
});
