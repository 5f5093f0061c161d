import { existsSync } from "node:fs";
import type { Plan } from "../../topology/plan/plan.ts";
import { type Selected, type Selection, selectedIn, selectionProblems } from "../../topology/selection/selection.ts";
import { UsageError } from "../usage-error.ts";

/** The part of a plan that the options of a command select.
 * @throws UsageError with a sentence for each name or label that nothing has */
export function selectedOrThrow(plan: Plan, selection: Selection): Selected {
  const problems = selectionProblems(plan, selection);
  if (problems.length === 0) return selectedIn(plan, selection);
  throw new UsageError([...problems, ...fileAmong(selection)].join("\n"));
}

/** A sentence about a file that stands where names do: these options take every word behind them. */
export function fileAmong({ cluster = [], peer = [], app = [], replication = [], label = [] }: Selection): string[] {
  const names = [...cluster, ...peer, ...app, ...replication, ...label];
  const file = names.find((each) => /\.ya?ml$/.test(each) && existsSync(each));
  return file === undefined ? [] : [`${file} is a file: write it before the options that select`];
}
