import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { targets } from "./targets.ts";

/** Runs one target, and notes the number of each input before it is tried: who waits outside can tell which one never ends. */
const request = z.object({
  name: z.string(),
  runs: z.number(),
  seed: z.number(),
  path: z.string().optional(),
  begun: z.instanceof(SharedArrayBuffer),
});
const { name, runs, seed, path, begun } = request.parse(workerData);
const counter = new Int32Array(begun);
const target = targets.find((each) => each.name === name);
if (!target) throw new Error(`there is no target ${name}`);
parentPort?.postMessage(await target.run({ runs, seed, path, onInput: (run) => Atomics.store(counter, 0, run + 1) }));
