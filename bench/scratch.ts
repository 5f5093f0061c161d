/** Folders and programs that end with the benchmark, also when it is interrupted. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let root: string | undefined;
const running = new Set<ChildProcess>();
const endings = new Set<() => void>();

/** A new folder. */
export function scratchFolder(prefix: string): string {
  root ??= mkdtempSync(join(tmpdir(), "bigpeer-bench-"));
  return mkdtempSync(join(root, `${prefix}-`));
}

/** Called when the benchmark ends, however it does; must be done when it returns. */
export function whenEnded(end: () => void): void {
  endings.add(end);
}

export interface CommandRun {
  /** ms. */
  readonly time: number;
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs a program to its end. */
export function runCommand(
  command: string,
  args: readonly string[],
  { onStart, ...options }: { env?: NodeJS.ProcessEnv; cwd?: string; onStart?: (pid: number) => void } = {},
): Promise<CommandRun> {
  const began = performance.now();
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  if (child.pid !== undefined) onStart?.(child.pid);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode) => {
      running.delete(child);
      resolve({ time: performance.now() - began, exitCode, output });
    });
  });
}

/** The time of a program that has to succeed, ms. @throws Error with what it printed, if it does not */
export async function timeCommand(...call: Parameters<typeof runCommand>): Promise<number> {
  const { time, exitCode, output } = await runCommand(...call);
  if (exitCode !== 0) throw new Error(`${call[0]} ended with ${exitCode}:\n${output}`);
  return time;
}

export function removeScratch(): void {
  for (const child of running) child.kill("SIGKILL");
  for (const end of endings) end();
  if (root !== undefined) rmSync(root, { recursive: true, force: true });
  root = undefined;
}
