import { readFileSync } from "node:fs";

const sampleMs = 250;
const pageKiB = 4;

/** Watches the resident memory of some processes together, until it is stopped.
 * @param pids looked up anew for each sample, since processes come and go
 * @returns stops it and gives the highest sum, in MiB */
export function watchMemory(pids: () => readonly number[]): () => number {
  let peak = 0;
  const sample = () => {
    peak = Math.max(peak, pids().reduce((sum, pid) => sum + residentKiB(pid), 0) / 1024);
  };
  sample();
  const timer = setInterval(sample, sampleMs);
  return () => {
    clearInterval(timer);
    return Math.round(peak);
  };
}

function residentKiB(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * pageKiB;
  } catch {
    return 0;
  }
}
