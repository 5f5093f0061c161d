import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { UserCommand } from "../support/user-command.ts";

let directory: string;
let home: string;
let temporary: string;
let runs: UserCommand[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-dev-"));
  home = join(directory, "labs");
  temporary = join(directory, "tmp");
  mkdirSync(temporary);
});
afterEach(async () => {
  for (const { child } of runs) child.kill("SIGTERM");
  await Promise.all(runs.map(({ ended }) => ended));
  runs = [];
  rmSync(directory, { recursive: true, force: true });
});

/** `npm run dev -- …`, with folders of its own for its state and for temporary files. */
function dev(...args: string[]): UserCommand {
  const run = new UserCommand(["cli/bigpeer.js", "dev", ...args], { BIGPEER_LAB_HOME: home, TMPDIR: temporary });
  runs.push(run);
  return run;
}

async function expectNothingLeft(run: UserCommand): Promise<void> {
  expect(run.running()).toEqual([]);
  expect(readdirSync(home)).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
}

test("npm run dev verifies, stays up beside a second run that is refused, and leaves nothing after Ctrl-C", async () => {
  const run = dev();
  await Promise.race([run.ended, expect.poll(() => run.output, { timeout: 120_000 }).toMatch(/Ctrl-C ends it/)]);
  expect(run.output).toMatch(/✓ red-cars: bp2 ⇥ bp1 {2}cars {2}did not arrive/);
  expect(run.output).toMatch(/bp1 dials bp2 at ditto-bp2-replication-blue-cars-bp2\.ditto\.svc\.cluster\.local:4040/);
  expect(run.output).toMatch(/4 of 4 probes passed/);
  const [kubeconfig = "none"] = /(?<=export KUBECONFIG=)\S+/.exec(run.output) ?? [];

  const second = dev("--once");
  expect(await second.ended).toBe(1);
  expect(second.output).toMatch(
    /^another run of `bigpeer dev` uses .*labs\/dev-dev: use that lab, or end it with Ctrl-C$/m,
  );
  expect(existsSync(kubeconfig)).toBe(true);

  run.interrupt();
  expect(await run.ended).toBe(0);
  await expectNothingLeft(run);
});

test("Ctrl-C in the middle of an update leaves no process and no file", async () => {
  const run = dev("two-clusters", "--once");
  await Promise.race([run.ended, expect.poll(() => run.output, { timeout: 120_000 }).toMatch(/ create /)]);
  run.interrupt();
  expect(await run.ended).toBe(1);
  expect(run.output).not.toMatch(/probes passed/);
  await expectNothingLeft(run);
});

test("a run that was killed does not keep the next one from starting, and does not cost it anything", async () => {
  const killed = dev("--once");
  await Promise.race([killed.ended, expect.poll(() => killed.output, { timeout: 120_000 }).toMatch(/lab ready/)]);
  killed.child.kill("SIGKILL");
  await killed.ended;
  await expect.poll(() => killed.running(), { timeout: 60_000 }).toEqual([]);
  const run = dev("--once");
  expect(await run.ended, run.output).toBe(0);
  await expectNothingLeft(run);
});
