import { clusterFindings, uncheckedCluster } from "../topology/cluster-findings.ts";
import type { Finding } from "../topology/finding.ts";
import type { Plan } from "../topology/plan.ts";

/** How one cluster of a plan is reached. */
export interface ClusterSource {
  /** Its name in the plan. */
  readonly cluster: string;
  readonly context: string;
  /** Path or content of its kubeconfig; undefined: as kubectl finds it. */
  readonly kubeconfig: string | undefined;
}

/** Asks clusters whether they have what a plan will write. One that cannot be asked gives a warning. */
export async function contractCheck(plan: Plan, sources: readonly ClusterSource[]): Promise<Finding[]> {
  const { readDefinitions } = await import("./read-definitions.ts");
  const found = await Promise.all(
    sources.map(async ({ cluster, ...source }) => {
      try {
        return clusterFindings(plan, cluster, await readDefinitions(source));
      } catch (error) {
        return [uncheckedCluster(cluster, error instanceof Error ? error.message : String(error))];
      }
    }),
  );
  return found.flat();
}
