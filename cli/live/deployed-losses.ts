import { z } from "zod";
import { losses, movedPorts } from "../../program/losses.ts";
import { type StackExports, stackExports } from "../../program/stack-exports.ts";
import { settingsOf } from "../../program/stack-files.ts";
import type { Finding } from "../../topology/findings/finding.ts";
import { ownedClusters } from "../../topology/plan/ownership.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { pinCommand } from "../../topology/plan/port-advice.ts";
import { stackConfiguration } from "../stacks/environment-stacks.ts";
import { stackOutputs } from "../topology/stack-topology.ts";
import { UsageError } from "../usage-error.ts";

const outputs = z.object({ topology: z.object({ value: stackExports }).optional() });

/** What a stack has exported for others after its last update; undefined if it was never updated.
 * @param project the folder of the Pulumi project
 * @throws UsageError if there is no such stack, or if it cannot be read */
export async function exportsOf(stack: string, project: string): Promise<StackExports | undefined> {
  const exported = outputs.safeParse(await stackOutputs(stack, project));
  if (exported.success) return exported.data.topology?.value;
  const [issue] = exported.error.issues;
  throw new UsageError(
    `the output "${issue?.path.filter((step) => step !== "value").join(".")}" of the stack ${stack} has a form that this release cannot read (${issue?.message}), so it is unknown what would be lost: use the release that last updated the stack, or a later one`,
  );
}

/** What an update of a stack would take away for good, and the ports that it would move, by what the stack has exported. Nothing, if it was never updated.
 * @param project the folder of the Pulumi project
 * @throws UsageError if there is no such stack, or if it or its configuration cannot be read */
export async function deployedLosses(
  plan: Plan,
  { file, stack }: { readonly file: string; readonly stack: string },
  project: string,
): Promise<Finding[]> {
  const before = await exportsOf(stack, project);
  const settings = settingsOf({ stack }, project, stackConfiguration(stack, project));
  const owned = ownedClusters(new Map([...plan.clusters, ...plan.lost]), settings);
  const pin = pinCommand(file, "--base", `stack:${stack}`);
  return [...losses(plan, owned, before), ...movedPorts(plan, before, pin)];
}
