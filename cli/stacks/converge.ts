import { z } from "zod";
import type { StackRun } from "../../engine/run-stack.ts";
import { colours as pc } from "../output/colours.ts";
import { type Limits, runStacks } from "./parallel-stacks.ts";

export interface ConvergeOptions {
  readonly stacks: readonly string[];
  /** Runs a stack; `first` in the first pass, which is the one to look at what is there. */
  readonly run: (stack: string, pass: { readonly first: boolean }) => Promise<StackRun>;
  readonly limits: Limits;
  /** Aborted: nothing new is begun. */
  readonly signal: AbortSignal;
  /** A preview writes nothing, so a second pass would wait for the same. */
  readonly preview: boolean;
  readonly print: (line: string) => void;
  /** The last runs of stacks that were run before these. One that waits for one of these, or trusts a CA that has been replaced, is run again. */
  readonly before?: ReadonlyMap<string, StackRun>;
  /** Stacks that are run after these. What waits for one of them is no reason to run again, and no failure. */
  readonly later?: ReadonlySet<string>;
}

export interface Converged {
  /** The last run of each stack, in the order of the stacks. */
  readonly runs: readonly StackRun[];
  /** Stacks that were not started, or not again though they wait for another, since one had failed before or the user wanted to end. */
  readonly notBegun: readonly string[];
  /** Every stack has succeeded, and nothing is pending but what ends by itself. */
  readonly done: boolean;
}

/** Two passes converge in any order of stacks; the third shows that what still waits waits for something else. */
const maxPasses = 3;

/**
 * What the cluster itself does is there in the pass after, and converges from then on. A load balancer takes two such passes: the operator
 * names the pods that its Service leads to, and then the cloud gives it an address.
 */
const passesAfterWaiting = 2;
const mostPasses = 6;

const pendingOutput = z.array(
  z.object({ what: z.string(), reason: z.string(), next: z.string(), until: z.string().optional() }),
);
type Pending = z.infer<typeof pendingOutput>[number];
const trustOutputs = z.object({
  topology: z.object({
    peers: z.record(z.string(), z.object({ caCertificate: z.string() })),
    trusted: z.record(z.string(), z.string()),
  }),
});

/** Runs stacks until nothing is pending: all of them, and then again those that wait for another or for their cluster. */
export async function converge({
  stacks,
  run,
  limits,
  signal,
  preview,
  print,
  before = new Map(),
  later = new Set(),
}: ConvergeOptions): Promise<Converged> {
  const last = new Map<string, StackRun>();
  const everyone = [...new Set([...before.keys(), ...stacks])];
  let waiting = stacks;
  let notBegun: readonly string[] = [];
  let passes = maxPasses;
  for (let pass = 1; pass <= passes && waiting.length > 0; pass++) {
    if (stacks.length > 1) print(pc.bold(`pass ${pass}: ${waiting.join(", ")}`));
    const ended = await runStacks(waiting, (stack) => run(stack, { first: pass === 1 }), { ...limits, signal });
    const runs = ended.results;
    for (const each of runs) last.set(each.stack, each);
    notBegun = ended.notBegun;
    if (preview || runs.every(({ changes }) => changes === 0 && pass > 1)) break;
    if (runs.some(waitsForItsCluster)) passes = Math.min(Math.max(passes, pass + passesAfterWaiting), mostPasses);
    const stale = stacksWithStaleTrust([...new Map([...before, ...last]).values()]);
    waiting = everyone.filter((stack) => {
      const ran = runs.find((each) => each.stack === stack);
      if (ran !== undefined && (waitsForAnotherStack(ran, later) || waitsForItsCluster(ran))) return true;
      const earlier = last.has(stack) ? undefined : before.get(stack);
      return (earlier !== undefined && waitsForOneOf(earlier, stacks)) || stale.has(stack);
    });
    const failed = runs.some(({ error }) => error !== undefined);
    if (signal.aborted || (failed && !limits.keepGoing)) {
      notBegun = everyone.filter((stack) => notBegun.includes(stack) || waiting.includes(stack));
      break;
    }
  }
  const runs = everyone.flatMap((stack) => last.get(stack) ?? []);
  const isFine = (each: Pending) => endsByItself(each) || later.has(stackOf(each) ?? "");
  const succeeded = runs.every((each) => each.error === undefined && (preview || pendingOf(each).every(isFine)));
  return { runs, notBegun, done: succeeded && notBegun.length === 0 };
}

/** What a stack could not do yet, as its output says. */
export function pendingOf(run: StackRun): Pending[] {
  const parsed = pendingOutput.safeParse(run.outputs.pending ?? []);
  return parsed.success ? parsed.data : [];
}

/** A rotation takes as long as certificates are valid, and everything works meanwhile. */
export function endsByItself({ until }: { readonly until?: string | undefined }): boolean {
  return until !== undefined;
}

/** Stacks that do not trust the CA which another stack has found at a peer in the meantime: they had read that stack's outputs before. */
function stacksWithStaleTrust(runs: readonly StackRun[]): ReadonlySet<string> {
  const said = runs.flatMap(({ stack, error, outputs }) => {
    const parsed = error === undefined ? trustOutputs.safeParse(outputs) : undefined;
    return parsed?.success ? [{ stack, ...parsed.data.topology }] : [];
  });
  const current = new Map(
    said.flatMap(({ peers }) => Object.entries(peers).map(([name, { caCertificate }]) => [name, caCertificate.trim()])),
  );
  const stale = said.filter(({ trusted }) =>
    Object.entries(trusted).some(([name, pem]) => !pem.includes(current.get(name) ?? "")),
  );
  return new Set(stale.map(({ stack }) => stack));
}

function waitsForAnotherStack(run: StackRun, later: ReadonlySet<string>): boolean {
  if (run.error !== undefined) return false;
  return pendingOf(run).some((each) => each.next.startsWith("pulumi up") && !later.has(stackOf(each) ?? ""));
}

function waitsForOneOf(run: StackRun, stacks: readonly string[]): boolean {
  return run.error === undefined && pendingOf(run).some((each) => stacks.includes(stackOf(each) ?? ""));
}

/** The stack whose update resolves what is pending; its project and organization may stand before it. */
function stackOf({ next }: Pending): string | undefined {
  return /^pulumi up --stack (?:\S*\/)?([^\s/]+)$/.exec(next)?.[1];
}

function waitsForItsCluster(run: StackRun): boolean {
  return run.error === undefined && pendingOf(run).some(({ next }) => next.startsWith("wait for "));
}

export function summary({ runs, notBegun }: Converged, operation: string, milliseconds: number): string {
  const lines = runs.flatMap(runLines);
  const begun = new Set(runs.map(({ stack }) => stack));
  const left = notBegun.map(
    (stack) => `${pc.yellow("not started")}  ${stack}${begun.has(stack) ? "  a second time" : ""}`,
  );
  return [
    "",
    ...lines,
    ...left,
    `${operation} of ${runs.length} stack${runs.length === 1 ? "" : "s"} took ${seconds(milliseconds)}`,
  ].join("\n");
}

/** The outcome of one stack: a line, and what failed or is pending. */
export function runLines(run: StackRun): string[] {
  const state = run.error === undefined ? pc.green("ok") : pc.red("failed");
  const head = `${state}  ${run.stack}  ${run.changes} change${run.changes === 1 ? "" : "s"}  ${seconds(run.milliseconds)}`;
  const error = run.error === undefined ? [] : run.error.split("\n").map((line) => `    ${line}`);
  const pending = pendingOf(run).map(
    (each) => `    ${endsByItself(each) ? "in progress" : "pending"}: ${each.what}: ${each.reason}. Next: ${each.next}`,
  );
  return [head, ...error, ...pending];
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
