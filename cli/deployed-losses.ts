import { z } from "zod";
import { losses } from "../program/losses.ts";
import { stackContract } from "../program/stack-contract.ts";
import type { Finding } from "../topology/finding.ts";
import type { Plan } from "../topology/plan.ts";
import { stackConfiguration } from "./environment-stacks.ts";
import { stackOutputs } from "./stack-topology.ts";

const outputs = z.object({ topology: z.object({ value: stackContract }) });
const clusterNames = z.union([z.array(z.string()), z.string().transform((text) => text.split(","))]);

/** What an update of a stack would take away for good, by what the stack has exported. Nothing, if it was never updated.
 * @param project the folder of the Pulumi project
 * @throws UsageError if there is no such stack, or if it cannot be read */
export async function deployedLosses(plan: Plan, stack: string, project: string): Promise<Finding[]> {
  const exported = outputs.safeParse(await stackOutputs(stack, project));
  const configured = clusterNames.safeParse(stackConfiguration(stack, project)["bigpeer:clusters"]);
  const owned = configured.success ? configured.data.map((name) => name.trim()) : plan.clusters.keys();
  return losses(plan, new Set(owned), exported.data?.topology.value);
}
