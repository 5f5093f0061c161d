import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { configuredStacks, stackConfig, topologyIn } from "../../program/stack-files.ts";
import { UsageError } from "../usage-error.ts";

/** The stacks that share a topology file: those whose `Pulumi.<stack>.yaml` names it, or that are called like it.
 * @throws UsageError if there is no such folder */
export function stacksOfTopology(topology: string, directory: string): string[] {
  const wanted = resolve(topology);
  if (!existsSync(directory))
    throw new UsageError(`there is no folder ${directory}; name the one that has the Pulumi.yaml`);
  return configuredStacks(directory).filter(
    (stack) => resolve(directory, configuredTopology(stack, directory)) === wanted,
  );
}

/** The topology file of a stack, from the project's folder. */
export function configuredTopology(stack: string, directory: string): string {
  return topologyIn(stackConfiguration(stack, directory), stack);
}

/** What a stack's `Pulumi.<stack>.yaml` says, as it is written; nothing where there is no such file.
 * @throws UsageError if it is not YAML */
export function stackConfiguration(stack: string, directory: string): Readonly<Record<string, unknown>> {
  try {
    return stackConfig(stack, directory);
  } catch (error) {
    throw new UsageError(
      `Pulumi.${stack}.yaml is not valid YAML: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
