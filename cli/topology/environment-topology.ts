import { standardInput } from "../../topology/expand/files.ts";
import { UsageError } from "../usage-error.ts";
import { namedTopology } from "./topology-file.ts";

/** The topology file of an environment, which is named like it, by its path, or by its folder.
 * @param directory the project's
 * @throws UsageError if there is none */
export function environmentTopology(environment: string, directory: string): string {
  if (environment === standardInput)
    throw new UsageError(
      "a stack takes its topology from a file, so it cannot come from the standard input: name the file, or its name in topologies/",
    );
  return namedTopology(environment, directory);
}
