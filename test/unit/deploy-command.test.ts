import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "deploy-"));
  writeFileSync(join(project, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
  writeFileSync(join(project, "shop.yaml"), "clusters: {}\npeers: {}\n");
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

function deploy(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const command = ["cli/deploy.ts", join(project, "shop.yaml"), "--project", project, ...args];
  // Nothing on PATH: there is no engine on this machine.
  const child = spawn(process.execPath, command, { env: { PATH: project, NO_COLOR: "1" } });
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  return new Promise((done) => child.once("close", (code) => done({ code, ...said })));
}

test("a topology that no stack has is a usage error that says how a stack gets it", async () => {
  const { code, stderr } = await deploy();
  expect(stderr).toMatch(/^error: no stack has .*shop\.yaml: set `bigpeer:topology` in the Pulumi\.<stack>\.yaml/);
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
  const report = z.object({ done: z.boolean(), stacks: z.array(stack) }).parse(JSON.parse(stdout));
  expect(report).toMatchObject({ done: false, stacks: [{ stack: "shop", changes: 0, pending: [] }] });
  expect(report.stacks[0]?.error).toMatch(/no `pulumi` on PATH/);
  expect(code).toBe(1);
});
