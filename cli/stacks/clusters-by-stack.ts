import type { Plan } from "../../topology/plan/plan.ts";

/** Where a cluster names its stack, that is enough; those that name none go to a stack of their own, which has to list them beside others.
 * @returns for each stack the clusters that its configuration has to list; undefined: none */
export function clustersByStack(plan: Plan, unnamedStack = "dev"): Map<string, string[] | undefined> {
  const owned = Map.groupBy(plan.clusters.values(), ({ stack }) => stack ?? unnamedStack);
  return new Map(
    [...owned].map(([stack, clusters]) => {
      const unnamed = clusters.filter((cluster) => cluster.stack === undefined).map(({ name }) => name);
      return [stack, unnamed.length === 0 || unnamed.length === plan.clusters.size ? undefined : unnamed];
    }),
  );
}
