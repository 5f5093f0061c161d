import type { Interruption } from "../../engine/interruption.ts";
import type { Progress } from "../progress/deploy-events.ts";
import { type Converged, type ConvergeOptions, converge, pendingOf } from "./converge.ts";
import type { Limits } from "./parallel-stacks.ts";

/** How the engine runs stacks. */
export interface EngineRuns {
  /** The folder of the Pulumi project. */
  readonly directory: string;
  readonly limits: Limits;
  readonly interruption: Interruption;
  /** Gets what happens. */
  readonly progress: Progress;
  readonly preview: boolean;
  /** Look at the live objects in the first pass. */
  readonly refresh: boolean;
}

/** Runs stacks, of a wave if one is named, until nothing is pending. */
export type Convergence = (
  stacks: readonly string[],
  wave?: string,
  others?: Pick<ConvergeOptions, "before" | "later">,
) => Promise<Converged>;

/** Pulumi's engine as what runs stacks. @param print gets a line for each pass */
export async function convergence(
  { directory, limits, interruption, progress, preview, refresh }: EngineRuns,
  print: (line: string) => void,
): Promise<Convergence> {
  // Pulumi's SDK is most of what there is to load, and a wrong command line needs nothing of it.
  const { runStack } = await import("../../engine/run-stack.ts");
  return (stacks, wave, others = {}) => {
    const passes = new Map<string, number>();
    return converge({
      ...{ stacks, limits, preview, print, ...others },
      signal: interruption.requested,
      run: async (stack, { first }) => {
        const pass = (passes.get(stack) ?? 0) + 1;
        passes.set(stack, pass);
        const of = wave === undefined ? { stack } : { wave, stack };
        progress.on({ event: "stack", ...of, state: "running", pass });
        const run = await runStack({
          ...{ directory, stack, interruption },
          operation: preview ? "preview" : "up",
          refresh: refresh && first,
          onLine: (text, kind) => progress.on({ event: kind, ...of, text }),
          onWork: (steps) => progress.on({ event: "waiting", ...of, steps: [...steps] }),
        });
        const pending = pendingOf(run).map(({ what, reason }) => `${what}: ${reason}`);
        const state = run.error !== undefined ? "failed" : pending.length > 0 ? "pending" : "done";
        const { changes, error } = run;
        const ended = { state, pass, changes, milliseconds: Math.round(run.milliseconds), pending } as const;
        progress.on({ event: "stack", ...of, ...ended, ...(error === undefined ? {} : { error }) });
        return run;
      },
    });
  };
}
