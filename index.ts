import "./program/diagnostic-reports.cjs";
import "./program/compile-cache.cjs";
import "./program/load-pulumi.cjs";
import { RunError } from "@pulumi/pulumi";
import { askOwnOutputs } from "./program/stack-outputs.ts";

// Pulumi's runtime takes a stack trace for each promise, and has each mapped back to TypeScript. Node strips the types of this
// program in place, so there is nothing to map, and it would take two thirds of the program's time.
Reflect.deleteProperty(Error, "prepareStackTrace");
// They are kept as text, several for each resource; the first frames say where.
Error.stackTraceLimit = 4;
// First, as it takes the engine as long as loading what follows.
const ownOutputs = askOwnOutputs();
// With the cache on: two thirds of the program's own start is stripping types and compiling.
const { readConfiguration } = await import("./program/configuration.ts");
const { deployStack } = await import("./program/stack.ts");
const { TopologyError } = await import("./topology/findings/finding.ts");

// The engine has been killed, so nobody reads. Pulumi's runtime would report the failed write by another one, without end.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => process.exit(1));

export default async () => {
  try {
    return await deployStack(readConfiguration(import.meta.dirname), ownOutputs);
  } catch (error) {
    // Pulumi prints a RunError without a stack: what is wrong is in the topology, not in this program.
    throw error instanceof TopologyError
      ? new RunError(`the topology has errors, nothing was written\n\n${error.message}`)
      : error;
  }
};
