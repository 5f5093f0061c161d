import { readFileSync } from "node:fs";
import type { StateSource } from "../../topology/page/page-data.ts";
import type { States } from "../../topology/page/states.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { UsageError } from "../usage-error.ts";

export const stateSources = ["status", "verify", "diff"] as const satisfies readonly StateSource[];

/** For each command: the file that has what it printed with `--json`. */
export type StateFiles = { readonly [source in StateSource]?: string | undefined };

/** What other commands have said of a topology.
 * @throws UsageError if a file cannot be read, or holds something else */
export async function readStates(plan: Plan, files: StateFiles): Promise<ReadonlyMap<StateSource, States>> {
  const states = new Map<StateSource, States>();
  const { statesOf } = await import("../../topology/page/states.ts");
  for (const source of stateSources) {
    const file = files[source];
    if (file !== undefined)
      states.set(
        source,
        readOne(file, source, (output) => statesOf(source, plan, output)),
      );
  }
  return states;
}

function readOne(file: string, source: StateSource, read: (output: unknown) => States): States {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return read(JSON.parse(text));
  } catch {
    throw new UsageError(
      `${file} does not have what \`bigpeer ${source} --json\` prints; write its output to this file`,
    );
  }
}
