/**
 * `npm test`: everything that CI runs. Lint and types first, since they are quick; then the tests; then one closing line
 * with the counts of all. Every part runs even if one before it failed, so that one run shows all that is wrong.
 */
import "../program/diagnostic-reports.cjs";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabError } from "../lab/lab-error.ts";
import { endProcess } from "../lab/process-identity.ts";
import { ensureGroup, ensureTool } from "../lab/tool-builds.ts";
import { toolProgress } from "../lab/tool-progress.ts";
import { actionlintSource, prometheusSources } from "../lab/tool-sources.ts";
import { ensureTools } from "../lab/tools.ts";
import { markedProcesses } from "./support/marked-processes.ts";
import { vitestResults } from "./vitest-report.ts";

const scratch = mkdtempSync(join(tmpdir(), "bigpeer-test-"));
const temporary = join(scratch, "tmp");
mkdirSync(temporary);
/** In the environment of all that the run starts, so that nothing of it outlives the run. */
const mark = { name: "BIGPEER_TEST_RUN", value: randomUUID() };
const total = { passed: 0, failed: 0, skipped: 0 };
/** Printed again at the end, because thousands of lines separate a failure from the closing line. */
const failures: string[] = [];
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => interrupted.abort(new LabError("interrupted")));

function run(command: string, args: readonly string[]): Promise<boolean> {
  interrupted.signal.throwIfAborted();
  const child = spawn(command, args, {
    stdio: "inherit",
    cwd: join(import.meta.dirname, ".."),
    env: { ...process.env, TMPDIR: temporary, [mark.name]: mark.value },
  });
  const end = () => child.kill("SIGINT");
  interrupted.signal.addEventListener("abort", end, { once: true });
  return new Promise((resolve) => {
    child.once("error", (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(false);
    });
    child.once("close", (code) => {
      interrupted.signal.removeEventListener("abort", end);
      resolve(code === 0);
    });
  });
}

/** Ends what the run has started and left, which an interrupted test cannot do itself. */
async function endLeftovers(): Promise<void> {
  const left = markedProcesses(`${mark.name}=${mark.value}`);
  if (left.length > 0 && !interrupted.signal.aborted)
    console.error(`left running, and ended now:\n${left.map(({ command }) => `  ${command}`).join("\n")}`);
  // A lab's supervisor ends its clusters first.
  await Promise.all(left.map(({ identity }) => endProcess(identity, 25_000)));
}

async function part(name: string, command: string, args: readonly string[]): Promise<void> {
  const began = performance.now();
  const passed = await run(command, args);
  total[passed ? "passed" : "failed"] += 1;
  if (!passed) failures.push(name);
  console.log(`${passed ? "ok" : "FAILED"}: ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)\n`);
}

async function tests(project: string): Promise<void> {
  const report = join(scratch, `${project}.json`);
  const args = ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const passed = await run("vitest", args);
  const results = vitestResults(readText(report), join(import.meta.dirname, ".."));
  if (results) {
    total.passed += results.passed;
    total.failed += results.failed;
    total.skipped += results.skipped;
    failures.push(...results.failures);
  }
  // A suite that fails outside of a test, or a runner that dies, has no failed test to count.
  if (!passed && !results?.failed) total.failed += 1;
  if (!passed && !results?.failures.length) failures.push(`${project} tests: the runner failed outside of a test`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

try {
  await part("biome", "biome", ["check", "."]);
  await part("knip", "knip", ["--no-progress"]);
  await part("types", "tsc", ["--noEmit"]);
  await part("types of the page", "tsc", ["--noEmit", "-p", "topology/page/browser"]);
  await tests("unit");
  try {
    const building = { onProgress: toolProgress(), signal: interrupted.signal };
    await ensureTools(building);
    await ensureTool(actionlintSource(), building);
    await ensureGroup(prometheusSources(), building);
    await tests("e2e");
    // It prints its table and fails only where something does not run: how fast is nothing that a busy machine can say.
    if (process.env.CI) await part("benchmark, quick", "node", ["bench/run.ts", "--quick"]);
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    console.error(error.message);
    total.failed += 1;
    failures.push(error.message);
  }
} catch (error) {
  if (!interrupted.signal.aborted) throw error;
  console.error("interrupted");
  total.failed += 1;
} finally {
  await endLeftovers();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}
if (failures.length > 0) console.log(`\nFailed:\n\n${failures.join("\n\n")}`);
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exitCode = total.failed > 0 ? 1 : 0;
