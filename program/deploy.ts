import { RunError } from "@pulumi/pulumi";
import { TopologyError } from "../topology/findings/finding.ts";
import { readConfiguration } from "./configuration.ts";
import { deployStack, type StackOutputs } from "./stack.ts";
import type { ReadStackOutputs } from "./stack-outputs.ts";

/**
 * The program of a Pulumi project: deploys the running stack's share of the topology that its configuration names.
 * @param directory the project's folder
 * @throws RunError with every finding, if the topology has an error; nothing is written then
 */
export async function deploy(directory: string, ownOutputs: ReadStackOutputs): Promise<StackOutputs> {
  // Once the engine has been killed nobody reads. Pulumi's runtime would report the failed write by another one, without end.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => process.exit(1));
  try {
    return await deployStack(readConfiguration(directory), ownOutputs);
  } catch (error) {
    // Pulumi prints a RunError without a stack: what is wrong is in the topology, not in this program.
    throw error instanceof TopologyError
      ? new RunError(`the topology has errors, so nothing was written\n\n${error.message}`)
      : error;
  }
}
