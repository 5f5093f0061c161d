/** The memory of the language host, which is the engine's child and tells nobody what it took. */
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
