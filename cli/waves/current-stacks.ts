import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { LastUpdate } from "../../engine/last-update.ts";
import type { StackRun } from "../../engine/run-stack.ts";
import { pendingOf } from "../stacks/converge.ts";
import { runStacks } from "../stacks/parallel-stacks.ts";
import { git } from "../topology/git.ts";
import { UsageError } from "../usage-error.ts";

/**
 * The stacks that need no update: whose last one succeeded, has left nothing pending, and was run from the commit that is checked out now,
 * without any changed file then or now. The commit has the program, its packages, the topology and the configuration. Where an ESC
 * environment or a file that git does not know has a say, nothing is known.
 * @param read gets the last update of a stack
 */
export async function currentStacks(
  stacks: readonly string[],
  project: { readonly directory: string; readonly topology: string },
  {
    read,
    parallel,
    signal,
  }: {
    readonly read: (stack: string) => Promise<LastUpdate | undefined>;
    readonly parallel: number;
    readonly signal: AbortSignal;
  },
): Promise<ReadonlyMap<string, StackRun>> {
  const commit = cleanCommit(project.directory);
  if (commit === undefined) return new Map();
  const known = stacks.filter((stack) => isTracked(stack, project));
  const look = async (stack: string) => ({ last: await read(stack), error: undefined });
  const { results } = await runStacks(known, look, { parallel, keepGoing: true, signal });
  const current = results.flatMap(({ last }) =>
    last?.commit === commit && pendingOf(last.run).length === 0 ? [last.run] : [],
  );
  return new Map(current.map((run) => [run.stack, run]));
}

/** The commit that is checked out; undefined where there is none, or where a file differs from it. */
function cleanCommit(directory: string): string | undefined {
  try {
    const changed = git(["-C", directory, "status", "--porcelain"]);
    return changed === "" ? git(["-C", directory, "rev-parse", "HEAD"])?.trim() : undefined;
  } catch (error) {
    // Without git nothing is known.
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function isTracked(stack: string, { directory, topology }: { readonly directory: string; readonly topology: string }) {
  const configuration = resolve(directory, `Pulumi.${stack}.yaml`);
  if (!existsSync(configuration) || /^environment:/m.test(readFileSync(configuration, "utf8"))) return false;
  const files = [configuration, resolve(topology)];
  return git(["-C", directory, "ls-files", "--error-unmatch", "--", ...files]) !== undefined;
}
