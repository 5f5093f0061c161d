import { Worker } from "node:worker_threads";
import { z } from "zod";
import { type Fuzzed, shown } from "./fuzz.ts";
import type { NamedTarget } from "./targets.ts";

/** An input that takes longer than this will never end: it is ended, and with it the run. */
const hangMs = 60_000;

const fuzzed = z.object({ inputs: z.number(), slowestMs: z.number(), failure: z.string().optional() });

/** Runs a target in a thread of its own, since nothing inside a thread can end what never gives it back. */
export async function fuzzWatched(
  target: NamedTarget,
  { runs, seed, path }: { readonly runs: number; readonly seed: number; readonly path?: string | undefined },
): Promise<Fuzzed> {
  const begun = new SharedArrayBuffer(4);
  const counter = new Int32Array(begun);
  const workerData = { name: target.name, runs, seed, path, begun };
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData });
  let last = 0;
  let since = performance.now();
  return new Promise((resolve, reject) => {
    const watch = setInterval(() => {
      const now = Atomics.load(counter, 0);
      if (now !== last) [last, since] = [now, performance.now()];
      if (now === 0 || performance.now() - since < hangMs) return;
      const failure = [
        `input ${now} of seed ${seed} did not end within ${hangMs / 1000} s:`,
        now > runs ? "(it is a smaller form of one that failed)" : shown(target.input(seed, now - 1)),
        `again: npm run fuzz -- --only ${target.name} --seed ${seed} --runs ${now}`,
      ].join("\n");
      end(() => resolve({ inputs: now, slowestMs: hangMs, failure }));
    }, 500);
    const end = (settle: () => void) => {
      clearInterval(watch);
      void worker.terminate().then(settle);
    };
    worker.once("message", (message: unknown) => {
      const { failure, ...counts } = fuzzed.parse(message);
      end(() => resolve({ ...counts, failure }));
    });
    worker.once("error", (error) => end(() => reject(error)));
  });
}
