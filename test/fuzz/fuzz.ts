import fc from "fast-check";

/** A part of the program that takes what others have written: inputs for it, and what has to hold whatever they are. */
export interface Target<T> {
  readonly name: string;
  readonly inputs: fc.Arbitrary<T>;
  /** @throws Error if it does not hold */
  readonly holds: (input: T) => void | Promise<void>;
}

export interface FuzzOptions {
  readonly runs: number;
  readonly seed: number;
  /** Of a failure that was found before: begins there. */
  readonly path?: string | undefined;
  /** Called before each input with its number, from 0. */
  readonly onInput?: (run: number) => void;
}

export interface Fuzzed {
  readonly inputs: number;
  /** The longest that one input took, in milliseconds. */
  readonly slowestMs: number;
  /** What does not hold, with the smallest input that was found and what replays it. */
  readonly failure: string | undefined;
}

/** Of the processor's time: a machine that has other work to do says nothing of an input. None is as large as to need a tenth. */
const limitMs = 5_000;

/** How long a smaller input that fails as well is looked for. */
const shrinkMs = 20_000;

/** Runs a target on random inputs until one fails. */
export async function fuzz<T>(target: Target<T>, { runs, seed, path, onInput }: FuzzOptions): Promise<Fuzzed> {
  let slowestMs = 0;
  let inputs = 0;
  let failedAt: number | undefined;
  const property = fc.asyncProperty(target.inputs, async (input) => {
    onInput?.(inputs++);
    if (failedAt !== undefined && performance.now() - failedAt > shrinkMs) return;
    const began = threadMs();
    try {
      await target.holds(input);
      const tookMs = threadMs() - began;
      slowestMs = Math.max(slowestMs, tookMs);
      if (tookMs > limitMs) throw new Error(`it took ${Math.round(tookMs)} ms`);
    } catch (error) {
      failedAt ??= performance.now();
      throw error;
    }
  });
  const details = await fc.check(property, { numRuns: runs, seed, ...(path === undefined ? {} : { path }) });
  return { inputs: details.numRuns, slowestMs, failure: details.failed ? report(target.name, details) : undefined };
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const shownLetters = 2_000;

/** As much of an input as a person can read. */
export function shown(input: unknown): string {
  const text = typeof input === "string" ? input : (JSON.stringify(input) ?? "");
  return text.length <= shownLetters
    ? text
    : `${text.slice(0, shownLetters)} … and ${text.length - shownLetters} more letters`;
}

function report<T>(
  name: string,
  { seed, counterexample, counterexamplePath, errorInstance }: fc.RunDetails<[T]>,
): string {
  const [input] = counterexample ?? [];
  return [
    errorInstance instanceof Error ? errorInstance.stack : String(errorInstance),
    `with ${shown(input)}`,
    `again: npm run fuzz -- --only ${name} --seed ${seed} --path "${counterexamplePath}"`,
  ].join("\n");
}
