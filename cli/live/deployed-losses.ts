import { z } from "zod";
import { losses } from "../../program/losses.ts";
import { stackExports } from "../../program/stack-exports.ts";
import { settingsOf } from "../../program/stack-files.ts";
import type { Finding } from "../../topology/findings/finding.ts";
import { ownedClusters } from "../../topology/plan/ownership.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { stackConfiguration } from "../stacks/environment-stacks.ts";
import { stackOutputs } from "../topology/stack-topology.ts";
import { UsageError } from "../usage-error.ts";

const outputs = z.object({ topology: z.object({ value: stackExports }).optional() });

/** What an update of a stack would take away for good, by what the stack has exported. Nothing, if it was never updated.
 * @param project the folder of the Pulumi project
 * @throws UsageError if there is no such stack, or if it or its configuration cannot be read */
export async function deployedLosses(plan: Plan, stack: string, project: string): Promise<Finding[]> {
  const exported = outputs.safeParse(await stackOutputs(stack, project));
  if (!exported.success) {
    const [issue] = exported.error.issues;
    throw new UsageError(
      `the output "${issue?.path.filter((step) => step !== "value").join(".")}" of the stack ${stack} has a form that this release cannot read (${issue?.message}), so it is unknown what would be lost: use the release that last updated the stack, or a later one`,
    );
  }
  const settings = settingsOf({ stack }, project, stackConfiguration(stack, project));
  const owned = ownedClusters(new Map([...plan.clusters, ...plan.lost]), settings);
  return losses(plan, owned, exported.data.topology?.value);
}
