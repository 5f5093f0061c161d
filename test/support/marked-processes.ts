import { readdirSync, readFileSync } from "node:fs";
import { identify, type ProcessIdentity } from "../../lab/process-identity.ts";

export interface MarkedProcess {
  readonly identity: ProcessIdentity;
  readonly command: string;
}

/** The running processes that have a variable (`NAME=value`) in the environment with which they were started: whoever starts one with it
 * finds all that it has started, however it ended. */
export function markedProcesses(mark: string): MarkedProcess[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(mark)) return [];
      const command = readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim();
      const identity = identify(Number(pid));
      return identity ? [{ identity, command }] : [];
    } catch {
      // It ended while it was looked at, or is another user's.
      return [];
    }
  });
}
