/** A lab that lives on, used as `lab up` says: the printed commands alone, in a shell. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "bigpeer-lab-env-"));
});
afterAll(async () => {
  await shell("bigpeer lab down --name on-call");
  rmSync(home, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly text: string;
}

/** `npx bigpeer` is this checkout's. */
function shell(script: string): Promise<Ended> {
  const bigpeer = `npx() { shift; bigpeer "$@"; }\nbigpeer() { "${process.execPath}" "${resolve("cli/bigpeer.js")}" "$@"; }\n`;
  const env = { ...process.env, NO_COLOR: "1", BIGPEER_LAB_HOME: home, PULUMI_SKIP_CONFIRMATIONS: "true" };
  const child = spawn("sh", ["-c", `${bigpeer}${script}`], { env });
  const said = { stdout: "", text: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    said.stdout += chunk;
    said.text += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said.text += chunk;
  });
  return new Promise((done) => child.once("close", (code) => done({ code, ...said })));
}

test("lab env of a lab that does not run says how to start one", async () => {
  const { code, stdout, text } = await shell("bigpeer lab env --name on-call");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(text).toBe("The lab on-call is not running. Start it with `npx bigpeer lab up --name on-call`.\n");
});

test("the printed commands deploy a topology to the lab, show its status and verify it", async () => {
  const up = await shell("bigpeer lab up two-clusters --name on-call");
  expect(up.text).toContain("The lab on-call runs");
  expect(up.code).toBe(0);
  const lines = up.stdout
    .split("\n")
    .flatMap((line) => /^ {2}(eval|kubectl|npx|pulumi) .*$/.exec(line)?.[0].trim() ?? []);
  const [use = "", kubectl = "", deploy = ""] = lines;
  const [status = "", verify = ""] = lines.slice(-2);
  const pulumi = lines.filter((line) => line.startsWith("pulumi "));
  expect(use).toBe('eval "$(npx bigpeer lab env --name on-call)"');
  expect(pulumi.map((line) => line.split(" ").at(-1)).sort()).toEqual(["dev-east", "dev-west"]);
  expect(await shell(`${use}\n${kubectl}`)).toMatchObject({ code: 0, stdout: expect.stringMatching(/\bditto\b/) });
  const deployed = await shell(`${use}\n${deploy}`);
  expect(deployed.stdout).toMatch(/^ok {2}dev-east {2}\d+ changes/m);
  expect(deployed.stdout).toMatch(/^next: npx bigpeer verify topologies\/two-clusters\.yaml$/m);
  expect(deployed.code).toBe(0);
  expect((await shell(`${use}\n${pulumi[0]} --expect-no-changes`)).code).toBe(0);
  await expect
    .poll(async () => (await shell(`${use}\n${status}`)).stdout, { timeout: 60_000 })
    .toMatch(/nothing differs$/m);
  expect((await shell(`${use}\n${verify}`)).stdout).toMatch(/^(\d+) of \1 probes passed$/m);
});

test("the lines hold no passphrase, and the project's own files are as they were", async () => {
  const { stdout } = await shell("bigpeer lab env --name on-call");
  expect(stdout).toMatch(/^export PULUMI_CONFIG_PASSPHRASE_FILE='/m);
  expect(stdout).not.toMatch(/export PULUMI_CONFIG_PASSPHRASE=/);
  expect((await shell("git status --short Pulumi.yaml 'Pulumi.*.yaml'")).stdout).toBe("");
});
