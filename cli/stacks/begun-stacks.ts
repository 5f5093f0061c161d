import type { StackRun } from "../../engine/run-stack.ts";
import { programFingerprint } from "../../program/program-fingerprint.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { neededStacks } from "./needed-stacks.ts";
import { stackFacts } from "./stack-facts.ts";

/** Which stacks of an environment are started. */
export interface BegunStacks {
  readonly begun: readonly string[];
  /** Those that need nothing. */
  readonly idle: readonly string[];
  /** Why, in a line or two; none where all are started. */
  readonly lines: readonly string[];
  /** Those of the idle that need a run after all, now that others have run and may have exported something new. */
  readonly woken: (runs: readonly StackRun[]) => readonly string[];
}

/**
 * Leaves out the stacks of which it is known that they need nothing.
 * @param request.plan undefined where the topology has errors, which every stack says itself
 * @param request.all start every stack, as a look at the live objects has to
 */
export async function begunStacks(request: {
  readonly stacks: readonly string[];
  readonly topology: string;
  readonly directory: string;
  readonly plan: Plan | undefined;
  readonly all: boolean;
}): Promise<BegunStacks> {
  const { stacks, topology, directory, plan, all } = request;
  // To find out about a single stack takes a good part of what it takes to start it.
  if (all || plan === undefined || stacks.length < 2) return { begun: stacks, idle: [], lines: [], woken: () => [] };
  const program = programFingerprint(directory);
  const facts = await stackFacts(stacks, topology, directory);
  const reasons = neededStacks(plan, facts, program);
  const begun = stacks.filter((stack) => reasons.has(stack));
  const idle = stacks.filter((stack) => !reasons.has(stack));
  const woken = (runs: readonly StackRun[]) => {
    const now = new Map(facts);
    for (const { stack, outputs, error } of runs) {
      const before = facts.get(stack);
      if (before === undefined || error !== undefined) continue;
      const state = {
        unfinished: undefined,
        last: undefined,
        ...before.state,
        outputs,
        writtenAt: new Date().toISOString(),
      };
      now.set(stack, { ...before, state });
    }
    const needed = neededStacks(plan, now, program);
    return idle.filter((stack) => needed.has(stack));
  };
  return {
    begun,
    idle,
    lines: idle.length === 0 ? [] : [idleLine(idle, stacks), ...begunLines(begun, reasons)],
    woken,
  };
}

const shown = 5;

function idleLine(idle: readonly string[], stacks: readonly string[]): string {
  return (
    `${idle.length} of ${stacks.length} stacks need nothing and are not started: their parts of the topology, their configuration, the program ` +
    "and what other stacks have exported have not changed since their last update (--all starts them, too)"
  );
}

function begunLines(begun: readonly string[], reasons: ReadonlyMap<string, string>): string[] {
  return [...Map.groupBy(begun, (stack) => reasons.get(stack) ?? "")].map(([reason, names]) => {
    const more = names.length > shown ? ` and ${names.length - shown} more` : "";
    return `started: ${names.slice(0, shown).join(", ")}${more}: ${reason}`;
  });
}
