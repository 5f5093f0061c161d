import { suggestion } from "../../topology/findings/suggest.ts";
import { UsageError } from "../usage-error.ts";

/** Checks that a topology has the cluster that `--cluster` names; undefined: the option is not given.
 * @throws UsageError if the topology has no such cluster; the message lists those that it has */
export function assertCluster(name: string | undefined, clusters: Iterable<string>): void {
  const known = [...clusters];
  if (name !== undefined && !known.includes(name)) throw noSuchCluster(name, known);
}

/** The error for a `--cluster` that a topology does not have: it suggests a similar name, or lists all names. */
export function noSuchCluster(name: string, clusters: Iterable<string>): UsageError {
  return new UsageError(`--cluster ${name}: there is no such cluster; ${suggestion(name, clusters, "cluster")}`);
}
