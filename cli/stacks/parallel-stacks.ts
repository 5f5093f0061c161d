import { availableParallelism, totalmem } from "node:os";
import { UsageError } from "../usage-error.ts";

/**
 * The memory that one small stack's run takes, in bytes: the engine, the language host, the program and a provider for Kubernetes together.
 * The program's process alone has a resident set of 210 MiB once Pulumi's SDK and the Kubernetes client are loaded (`resourceUsage().maxRSS`,
 * Node.js 24); the other three are Go programs that share the rest. A stack of thousands of resources takes several times as much
 * (docs/reliability.md, Load), which is what `--parallel` is for.
 */
export const memoryPerStack = 512 * 1024 ** 2;

/** An update waits for its clusters about as long as it computes, so a core can serve two. */
const stacksPerCore = 2;

/** The number of stacks that this machine can run at once, from its cores and from the memory that is free in it or in this container. */
export function defaultParallel({
  cores = availableParallelism(),
  // macOS counts what it would give back at once as taken, so that next to nothing seems to be free.
  memory = process.platform === "darwin" ? totalmem() / 2 : process.availableMemory(),
}: {
  readonly cores?: number;
  readonly memory?: number;
} = {}): number {
  return Math.max(1, Math.min(cores * stacksPerCore, Math.floor(memory / memoryPerStack)));
}

/** The limits within which stacks are begun. */
export interface Limits {
  /** At most so many at a time. */
  readonly parallel: number;
  /** Begins the others also after one has failed. */
  readonly keepGoing: boolean;
}

/** @throws UsageError if `--parallel` is not a number of stacks */
export function limitsOf({
  parallel,
  keepGoing = false,
}: {
  readonly parallel?: string;
  readonly keepGoing?: boolean;
}): Limits {
  if (parallel === undefined) return { parallel: defaultParallel(), keepGoing };
  if (!/^[1-9]\d*$/.test(parallel)) throw new UsageError(`--parallel ${parallel}: write a number of stacks, 1 or more`);
  return { parallel: Number(parallel), keepGoing };
}

/** The outcome for stacks that were to run. */
export interface Ended<T> {
  /** The results of those that were begun, in the order of the stacks. */
  readonly results: readonly T[];
  /** Those that were not, since another had failed before, or the user wanted to end. */
  readonly notBegun: readonly string[];
}

/** Runs stacks side by side. What has been begun is always finished. */
export async function runStacks<T extends { readonly error?: string | undefined }>(
  stacks: readonly string[],
  run: (stack: string) => Promise<T>,
  { parallel, keepGoing, signal }: Limits & { readonly signal: AbortSignal },
): Promise<Ended<T>> {
  const results = new Map<string, T>();
  const waiting = [...stacks];
  let failed = false;
  const next = () => (signal.aborted || (failed && !keepGoing) ? undefined : waiting.shift());
  const work = async () => {
    for (let stack = next(); stack !== undefined; stack = next()) {
      const result = await run(stack);
      results.set(stack, result);
      failed ||= result.error !== undefined;
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return { results: stacks.flatMap((stack) => results.get(stack) ?? []), notBegun: waiting };
}
