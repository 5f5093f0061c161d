import { z } from "zod";
import { clusterNames } from "../program/configuration.ts";
import { losses } from "../program/losses.ts";
import { stackContract } from "../program/stack-contract.ts";
import type { Finding } from "../topology/findings/finding.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { stackConfiguration } from "./environment-stacks.ts";
import { stackOutputs } from "./stack-topology.ts";
import { UsageError } from "./usage-error.ts";

const outputs = z.object({ topology: z.object({ value: stackContract }) });

/** What an update of a stack would take away for good, by what the stack has exported. Nothing, if it was never updated.
 * @param project the folder of the Pulumi project
 * @throws UsageError if there is no such stack, or if it or its configuration cannot be read */
export async function deployedLosses(plan: Plan, stack: string, project: string): Promise<Finding[]> {
  const exported = outputs.safeParse(await stackOutputs(stack, project));
  const configured = stackConfiguration(stack, project)["bigpeer:clusters"];
  // A list in the file is what Pulumi gives the program as JSON.
  const names = clusterNames(typeof configured === "string" ? configured : (JSON.stringify(configured) ?? ""));
  if (configured !== undefined && !names)
    throw new UsageError(`Pulumi.${stack}.yaml: bigpeer:clusters is not a list of cluster names`);
  const owned = configured === undefined ? plan.clusters.keys() : names;
  return losses(plan, new Set(owned), exported.data?.topology.value);
}
