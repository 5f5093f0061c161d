/** The memory of what the engine starts, which tells nobody what it took. */
import { readdirSync, readFileSync } from "node:fs";

const intervalMs = 40;

/** Watches this process' descendants until it is stopped; gives the peak resident memory of the language host in KiB. */
export function languageHostPeak(): { stop(): number } {
  let peak = 0;
  const look = () => {
    for (const pid of descendants(process.pid)) {
      const status = read(`/proc/${pid}/status`);
      // The kernel cuts a process' name to 15 characters.
      if (!/^Name:\tpulumi-language/m.test(status)) continue;
      peak = Math.max(peak, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
    }
  };
  const timer = setInterval(look, intervalMs);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

export interface EnginePeak {
  /** Highest sum of the resident memory of engine, language host, program and providers, MiB. */
  readonly memory: number;
  /** Most provider processes at once. */
  readonly providers: number;
}

/** Watches a program and all that it starts until it is stopped. The lab's own processes are none of them. */
export function enginePeak(engine: () => readonly number[]): { stop(): EnginePeak } {
  let [memory, providers] = [0, 0];
  const timer = setInterval(() => {
    const statuses = engine()
      .flatMap((pid) => [pid, ...descendants(pid)])
      .map((pid) => read(`/proc/${pid}/status`));
    const resident = statuses.map((status) => Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
    memory = Math.max(memory, resident.reduce((sum, kib) => sum + kib, 0) / 1024);
    // The kernel cuts a process' name to 15 characters.
    providers = Math.max(providers, statuses.filter((status) => /^Name:\tpulumi-resource/m.test(status)).length);
  }, 4 * intervalMs);
  return {
    stop() {
      clearInterval(timer);
      return { memory, providers };
    },
  };
}

function descendants(pid: number): number[] {
  const children = list(`/proc/${pid}/task`)
    .flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).split(" "))
    .filter((child) => child.trim() !== "")
    .map(Number);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** A process may end between two looks. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
