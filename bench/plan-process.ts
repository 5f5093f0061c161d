import { join } from "node:path";
import { z } from "zod";
import { runCommand } from "./scratch.ts";

const steps = z.object({ parse: z.number(), judge: z.number(), memory: z.number() });

/** What a process of its own took to read a topology (`parse`, ms), to judge and plan it (`judge`, ms), and at most of memory (MiB). */
export type PlanSteps = z.infer<typeof steps>;

/** Reads, judges and plans a topology file in a process of its own.
 * @param flags `--warnings` for a topology that has some
 * @throws Error with what it printed, if the topology has a finding */
export async function planInProcess(file: string, ...flags: readonly "--warnings"[]): Promise<PlanSteps> {
  const program = join(import.meta.dirname, "plan-run.ts");
  const { output, exitCode } = await runCommand(process.execPath, [program, file, ...flags]);
  if (exitCode !== 0) throw new Error(output);
  return steps.parse(JSON.parse(output));
}
