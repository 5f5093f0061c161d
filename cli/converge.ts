import { z } from "zod";
import { colours as pc } from "./colours.ts";
import type { StackRun } from "./run-stack.ts";

export interface ConvergeOptions {
  readonly stacks: readonly string[];
  readonly run: (stack: string) => Promise<StackRun>;
  /** A preview writes nothing, so a second pass would wait for the same. */
  readonly preview: boolean;
  readonly print: (line: string) => void;
}

export interface Converged {
  /** The last run of each stack, in the order of the stacks. */
  readonly runs: readonly StackRun[];
  /** Every stack has succeeded, and nothing is pending. */
  readonly done: boolean;
}

/** Two passes converge in any order of stacks; the third shows that what still waits waits for something else. */
const maxPasses = 3;

const pendingOutput = z.array(z.object({ what: z.string(), reason: z.string(), next: z.string() }));

/** Runs stacks until nothing is pending: all at once, and then again those that wait for another. */
export async function converge({ stacks, run, preview, print }: ConvergeOptions): Promise<Converged> {
  const last = new Map<string, StackRun>();
  let waiting = stacks;
  for (let pass = 1; pass <= maxPasses && waiting.length > 0; pass++) {
    if (stacks.length > 1) print(pc.bold(`pass ${pass}: ${waiting.join(", ")}`));
    const runs = await Promise.all(waiting.map(run));
    for (const each of runs) last.set(each.stack, each);
    if (preview || runs.every(({ changes }) => changes === 0 && pass > 1)) break;
    waiting = runs.filter(waitsForAnotherStack).map(({ stack }) => stack);
  }
  const runs = stacks.flatMap((stack) => last.get(stack) ?? []);
  const done = runs.every((each) => each.error === undefined && (preview || pendingOf(each).length === 0));
  return { runs, done };
}

/** What a stack could not do yet, as its output says. */
export function pendingOf(run: StackRun): z.infer<typeof pendingOutput> {
  const parsed = pendingOutput.safeParse(run.outputs.pending ?? []);
  return parsed.success ? parsed.data : [];
}

function waitsForAnotherStack(run: StackRun): boolean {
  return run.error === undefined && pendingOf(run).some(({ next }) => next.startsWith("pulumi up"));
}

export function summary({ runs }: Converged, operation: string, milliseconds: number): string {
  const lines = runs.flatMap((run) => {
    const state = run.error === undefined ? pc.green("ok") : pc.red("failed");
    const head = `${state}  ${run.stack}  ${run.changes} change${run.changes === 1 ? "" : "s"}  ${seconds(run.milliseconds)}`;
    const error = run.error === undefined ? [] : run.error.split("\n").map((line) => `    ${line}`);
    const pending = pendingOf(run).map(({ what, reason, next }) => `    pending: ${what}: ${reason}. Next: ${next}`);
    return [head, ...error, ...pending];
  });
  return [
    "",
    ...lines,
    `${operation} of ${runs.length} stack${runs.length === 1 ? "" : "s"} took ${seconds(milliseconds)}`,
  ].join("\n");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
