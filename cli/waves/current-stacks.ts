import type { StackRun } from "../../engine/run-stack.ts";
import { programFingerprint } from "../../program/program-fingerprint.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { neededStacks } from "../stacks/needed-stacks.ts";
import { stackFacts } from "../stacks/stack-facts.ts";

/**
 * The stacks of an environment that need no update, each as its last run has left it: see `neededStacks`.
 * @param all every stack of the environment, since one needs an update when another has exported something new
 */
export async function currentStacks(
  plan: Plan,
  all: readonly string[],
  project: { readonly directory: string; readonly topology: string },
): Promise<ReadonlyMap<string, StackRun>> {
  const facts = await stackFacts(all, project.topology, project.directory);
  const needed = neededStacks(plan, facts, programFingerprint(project.directory));
  const current = [...facts].flatMap(([stack, { state }]): [string, StackRun][] =>
    needed.has(stack) || state === undefined
      ? []
      : [[stack, { stack, changes: 0, outputs: state.outputs, milliseconds: 0, error: undefined }]],
  );
  return new Map(current);
}
