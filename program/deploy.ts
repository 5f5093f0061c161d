import { RunError } from "@pulumi/pulumi";
import { TopologyError } from "../topology/findings/finding.ts";
import type { Configuration } from "./configuration.ts";
import { deployStack, type StackOutputs, type TopologyComponent } from "./stack.ts";
import type { ReadStackOutputs } from "./stack-outputs.ts";

/**
 * Deploys the running stack's share of a topology.
 * @throws RunError with every finding, if the topology has an error; nothing is written then
 */
export async function deploy(
  configuration: () => Configuration | Promise<Configuration>,
  ownOutputs: ReadStackOutputs,
  component: TopologyComponent,
): Promise<StackOutputs> {
  try {
    return await deployStack(await configuration(), ownOutputs, component);
  } catch (error) {
    // Pulumi prints a RunError without a stack: what is wrong is in the topology, not in this program.
    throw error instanceof TopologyError
      ? new RunError(`the topology has errors, so nothing was written\n\n${error.message}`)
      : error;
  }
}
