import { existsSync } from "node:fs";
import type { Selection } from "../../topology/selection/selection.ts";
import { configuredTopology } from "../stacks/environment-stacks.ts";
import { UsageError } from "../usage-error.ts";
import { fileAmong } from "./selected.ts";

/** The topology file that a command means: the one it names, else the one that a stack's configuration names.
 * @param selection the names that the command selects by, among which the file may stand by mistake
 * @throws UsageError if there is no such file */
export function topologyFile(
  argument: string | undefined,
  stack: string | undefined,
  selection: Selection = {},
): string {
  const file = argument ?? configuredTopology(stack ?? "dev", process.cwd());
  if (!existsSync(file))
    throw new UsageError(
      [
        `there is no topology file ${file}; name one as the argument, or a stack by --stack`,
        ...(argument === undefined ? fileAmong(selection) : []),
      ].join("\n"),
    );
  return file;
}
