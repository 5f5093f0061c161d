import { existsSync } from "node:fs";
import { configuredTopology } from "../stacks/environment-stacks.ts";
import { UsageError } from "../usage-error.ts";

/** The topology file that a command means: the one it names, else the one that a stack's configuration names.
 * @throws UsageError if there is no such file */
export function topologyFile(argument: string | undefined, stack: string | undefined): string {
  const file = argument ?? configuredTopology(stack ?? "dev", process.cwd());
  if (!existsSync(file))
    throw new UsageError(`there is no topology file ${file}; name one as the argument, or a stack by --stack`);
  return file;
}
