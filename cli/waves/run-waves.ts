import type { StackRun } from "../../engine/run-stack.ts";
import type { Wave } from "../../runners/waves.ts";
import type { Converged } from "../stacks/converge.ts";

/** The parts of a wave, in their order. */
export type Part = "check" | "update" | "verify";

/** What a verification has come to. */
export interface Verified {
  /** How many documents were probed. */
  readonly probes: number;
  /** What is wrong; undefined: nothing. */
  readonly why?: string | undefined;
}

/** The work on stacks. */
export interface WaveWork {
  /** The stacks that are known to need no update, each as its last run has left it. */
  current(stacks: readonly string[]): Promise<ReadonlyMap<string, StackRun>>;
  /** Looks whether the clusters of stacks can take what would be written to them, and says why not. */
  check(wave: Wave, stacks: readonly string[]): Promise<string | undefined>;
  /** Updates stacks until nothing is pending.
   * @param before runs of earlier waves
   * @param later the stacks of the waves that follow */
  update(
    wave: Wave,
    stacks: readonly string[],
    others: { readonly before: ReadonlyMap<string, StackRun>; readonly later: ReadonlySet<string> },
  ): Promise<Converged>;
  /** Proves that documents flow from and to the clusters of stacks. Undefined: nobody is to verify.
   * @param settled stacks that are deployed as the topology says, these among them */
  readonly verify:
    | ((wave: Wave, stacks: readonly string[], settled: ReadonlySet<string>) => Promise<Verified>)
    | undefined;
}

/** How far a wave has come. */
export type WaveState = "unchanged" | "done" | "failed" | "not started";

export interface WaveEnd {
  readonly wave: Wave;
  readonly state: WaveState;
  /** The part that failed, and why. */
  readonly failed?: { readonly at: Part; readonly why: string } | undefined;
  /** The runs in this wave: of its own stacks, and of earlier ones that had waited for them. */
  readonly runs: readonly StackRun[];
  /** Stacks that were not started, or not again though they wait for another. */
  readonly notBegun: readonly string[];
  /** How many documents were probed; undefined: nobody has verified. */
  readonly probes?: number | undefined;
}

export interface WavesOptions {
  readonly waves: readonly Wave[];
  readonly work: WaveWork;
  /** Aborted: nothing new is begun. */
  readonly signal: AbortSignal;
  /** Called as a wave begins, with the stacks that are updated; none of them where only its verification is made up for. */
  readonly onStart: (wave: Wave, stacks: readonly string[]) => void;
  readonly onEnd: (end: WaveEnd) => void;
}

/**
 * Runs waves until one fails. There is no record of earlier runs: a wave that has nothing to change was deployed before. Whether it was
 * verified then is known if a later wave was begun, since that only happens behind a verification; so of the waves without changes only
 * the last one is verified, before the first wave that may change anything.
 */
export async function runWaves({ waves, work, signal, onStart, onEnd }: WavesOptions): Promise<WaveEnd[]> {
  const ends: WaveEnd[] = [];
  const before = new Map<string, StackRun>();
  /** The last wave without changes, unless one with changes has followed. */
  let unverified: number | undefined;
  const settledAt = (index: number) => new Set(waves.slice(0, index + 1).flatMap(({ stacks }) => stacks));
  const started = new Set<Wave>();
  const start = (wave: Wave, stacks: readonly string[]) => {
    if (!started.has(wave)) onStart(wave, stacks);
    started.add(wave);
  };
  const put = (index: number, end: WaveEnd) => {
    ends[index] = end;
    onEnd(end);
  };
  /** Of several waves without changes, the last one proves the others. */
  const leaveUnverified = (index: number, end: WaveEnd) => {
    const earlier = unverified === undefined ? undefined : ends[unverified];
    if (earlier) onEnd(earlier);
    unverified = index;
    ends[index] = end;
  };
  /** Verifies the last wave that is not known to be verified. True if nothing is wrong there. */
  const madeUp = async (): Promise<boolean> => {
    const [index, end] = [unverified, unverified === undefined ? undefined : ends[unverified]];
    unverified = undefined;
    if (index === undefined || !end) return true;
    const { wave } = end;
    if (!work.verify || signal.aborted) {
      onEnd(end);
      return !signal.aborted;
    }
    start(wave, []);
    const { probes, why } = await work.verify(wave, wave.stacks, settledAt(index));
    const failed = why === undefined ? undefined : ({ at: "verify", why } as const);
    put(index, { ...end, state: failed ? "failed" : "unchanged", failed, probes });
    return failed === undefined;
  };
  for (const [index, wave] of waves.entries()) {
    const end: WaveEnd = { wave, state: "unchanged", runs: [], notBegun: [] };
    if (wave.stacks.length === 0) {
      put(index, end);
      continue;
    }
    if (signal.aborted) break;
    const current = await work.current(wave.stacks);
    for (const [stack, run] of current) before.set(stack, run);
    const stacks = wave.stacks.filter((stack) => !current.has(stack));
    if (stacks.length === 0) {
      leaveUnverified(index, end);
      continue;
    }
    if (!(await madeUp()) || signal.aborted) break;
    start(wave, stacks);
    const why = await work.check(wave, stacks);
    if (why !== undefined) {
      put(index, { ...end, state: "failed", failed: { at: "check", why }, notBegun: stacks });
      break;
    }
    const later = new Set(waves.slice(index + 1).flatMap((each) => each.stacks));
    const { runs, notBegun, done } = await work.update(wave, stacks, { before, later });
    for (const run of runs) before.set(run.stack, run);
    const ran = { ...end, runs, notBegun };
    if (!done) {
      put(index, { ...ran, state: "failed", failed: { at: "update", why: updateFailure(runs, notBegun) } });
      break;
    }
    if (runs.every(({ changes }) => changes === 0)) {
      leaveUnverified(index, ran);
      continue;
    }
    const touched = [...new Set([...wave.stacks, ...runs.map(({ stack }) => stack)])];
    const verified = await work.verify?.(wave, touched, settledAt(index));
    if (verified?.why !== undefined) {
      put(index, { ...ran, state: "failed", failed: { at: "verify", why: verified.why }, probes: verified.probes });
      break;
    }
    put(index, { ...ran, state: "done", probes: verified?.probes });
  }
  await madeUp();
  for (const [index, wave] of waves.entries())
    if (!ends[index]) put(index, { wave, state: "not started", runs: [], notBegun: wave.stacks });
  return ends;
}

function updateFailure(runs: readonly StackRun[], notBegun: readonly string[]): string {
  const failed = runs.filter(({ error }) => error !== undefined).map(({ stack }) => stack);
  if (failed.length > 0) return `the update of ${failed.join(", ")} failed`;
  return notBegun.length > 0 ? `not started: ${notBegun.join(", ")}` : "something is still pending";
}
