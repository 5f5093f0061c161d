import { suggestion } from "../../topology/findings/suggest.ts";
import { UsageError } from "../usage-error.ts";

/** Sees to it that a topology has the cluster that `--cluster` names; undefined: the option is not given.
 * @throws UsageError if it has none of that name, with those that it has */
export function assertCluster(name: string | undefined, clusters: Iterable<string>): void {
  const known = [...clusters];
  if (name !== undefined && !known.includes(name)) throw noSuchCluster(name, known);
}

/** What is said of a `--cluster` that a topology does not have: which one was probably meant, or which there are. */
export function noSuchCluster(name: string, clusters: Iterable<string>): UsageError {
  return new UsageError(`--cluster ${name}: there is no such cluster; ${suggestion(name, clusters, "cluster")}`);
}
