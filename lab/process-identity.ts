/** Identifies the process that a recorded pid meant, so that a process to which the kernel has given the same pid since is never ended. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

export const processIdentitySchema = z.strictObject({
  pid: z.int().positive(),
  /** Boot id and start time in clock ticks since boot: together with the pid unique on this machine. */
  started: z.string().min(1),
});
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** The identity of a running process, or undefined if there is none with this pid. A zombie has ended. */
export function identify(pid: number): ProcessIdentity | undefined {
  let stat: string;
  let boot: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return undefined;
  }
  // proc(5): the command in brackets may itself hold spaces and brackets; the state is field 3, the start time field 22.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, started] = [fields[0], fields[19]];
  return state === "Z" || state === "X" || started === undefined ? undefined : { pid, started: `${boot}/${started}` };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started;
}

/** The pids of what a process has started and what has not ended yet. */
export function childrenOf(pid: number): number[] {
  try {
    // Each thread has its own list of what it has started.
    return readdirSync(`/proc/${pid}/task`)
      .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" "))
      .filter((child) => child !== "")
      .map(Number);
  } catch {
    return [];
  }
}

/** All that a process has started, and what that has, and so on. */
export function descendantsOf(pid: number): ProcessIdentity[] {
  return childrenOf(pid).flatMap((child) => [identify(child) ?? [], descendantsOf(child)].flat());
}

/** Sends a signal to exactly this process. Does nothing if it has ended. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  try {
    if (isRunning(identity)) process.kill(identity.pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

async function waitForEnd(identity: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (isRunning(identity)) {
    if (Date.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

/** Ends exactly this process: SIGTERM, and SIGKILL after the grace period (milliseconds). Does nothing if it has ended already. */
export async function endProcess(identity: ProcessIdentity, graceMilliseconds: number): Promise<void> {
  signal(identity, "SIGTERM");
  if (await waitForEnd(identity, graceMilliseconds)) return;
  signal(identity, "SIGKILL");
  if (!(await waitForEnd(identity, 5_000)))
    throw new Error(
      `process ${identity.pid} did not end after SIGKILL: look at it with \`ps -p ${identity.pid} -o pid,stat,wchan,args\``,
    );
}
