import { readdirSync } from "node:fs";
import { join } from "node:path";
import pc from "picocolors";
import { z } from "zod";
import { runStack, type StackRun } from "./run-stack.ts";
import { UsageError } from "./usage-error.ts";

export interface DeployOptions {
  readonly preview?: boolean;
  /** Project folder, for tests. */
  readonly directory?: string;
  /** The folder of the stacks' configuration files, where it is not the project's. */
  readonly config?: string;
}

/** Two passes converge in any order of stacks; the third shows that nothing is left to do. */
const maxPasses = 3;

const pendingOutput = z.array(z.object({ what: z.string(), reason: z.string(), next: z.string() }));

/**
 * Runs the stacks of an environment until nothing is pending: all at once, then those that still wait for another.
 * @returns 1 if a stack failed or something stays pending, else 0
 */
export async function deploy(environment: string, options: DeployOptions): Promise<number> {
  const directory = options.directory ?? join(import.meta.dirname, "..");
  const configDirectory = options.config ?? directory;
  const stacks = stacksOf(environment, configDirectory);
  if (stacks.length === 0) {
    throw new UsageError(
      `no stack of the environment "${environment}": expected Pulumi.${environment}.yaml or Pulumi.${environment}-<name>.yaml`,
    );
  }
  const operation = options.preview ? "preview" : "up";
  const began = performance.now();
  const results = new Map<string, StackRun>();
  let waiting = stacks;
  for (let pass = 1; pass <= maxPasses && waiting.length > 0; pass++) {
    console.log(pc.bold(`pass ${pass}: ${waiting.join(", ")}`));
    const runs = await Promise.all(
      waiting.map((stack) =>
        runStack({
          directory,
          configDirectory,
          stack,
          operation,
          onLine: (line) => console.log(`${pc.cyan(stack)}  ${line}`),
        }),
      ),
    );
    for (const run of runs) results.set(run.stack, run);
    // A preview writes nothing, so a second one would wait for the same.
    const before = waiting.length;
    waiting = options.preview
      ? []
      : runs
          .filter((run) => run.error === undefined && pendingOf(run).some(({ next }) => next.startsWith("pulumi up")))
          .map(({ stack }) => stack);
    const changed = runs.some(({ changes }) => changes > 0);
    if (pass > 1 && !changed && waiting.length === before) break;
  }
  const all = stacks.flatMap((stack) => results.get(stack) ?? []);
  console.log(summary(all, performance.now() - began, operation));
  const failed = all.some(({ error }) => error !== undefined);
  const stays = !options.preview && all.some((run) => pendingOf(run).length > 0);
  return failed || stays ? 1 : 0;
}

/** The stacks of an environment: `Pulumi.<environment>.yaml` and `Pulumi.<environment>-<name>.yaml`. */
function stacksOf(environment: string, directory: string): string[] {
  return readdirSync(directory)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .filter((stack) => stack === environment || stack.startsWith(`${environment}-`))
    .sort();
}

function pendingOf(run: StackRun): z.infer<typeof pendingOutput> {
  const parsed = pendingOutput.safeParse(run.outputs.pending ?? []);
  return parsed.success ? parsed.data : [];
}

function summary(runs: readonly StackRun[], milliseconds: number, operation: string): string {
  const lines = runs.flatMap((run) => {
    const state = run.error === undefined ? pc.green("ok") : pc.red("failed");
    const head = `${state}  ${run.stack}  ${run.changes} change${run.changes === 1 ? "" : "s"}  ${(run.milliseconds / 1000).toFixed(1)} s`;
    const error = run.error === undefined ? [] : run.error.split("\n").map((line) => `    ${line}`);
    const pending = pendingOf(run).map(({ what, reason, next }) => `    pending: ${what}: ${reason}. Next: ${next}`);
    return [head, ...error, ...pending];
  });
  return ["", ...lines, `${operation} of ${runs.length} stacks took ${(milliseconds / 1000).toFixed(1)} s`].join("\n");
}
