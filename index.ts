import { RunError } from "@pulumi/pulumi";
import { readConfiguration } from "./program/configuration.ts";
import { deployStack } from "./program/stack.ts";
import { TopologyError } from "./topology/finding.ts";

// The engine has been killed, so nobody reads. Pulumi's runtime would report the failed write by another one, without end.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => process.exit(1));

export default async () => {
  try {
    return await deployStack(readConfiguration(import.meta.dirname));
  } catch (error) {
    // Pulumi prints a RunError without a stack: what is wrong is in the topology, not in this program.
    throw error instanceof TopologyError
      ? new RunError(`the topology has errors, nothing was written\n\n${error.message}`)
      : error;
  }
};
