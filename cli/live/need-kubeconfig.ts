import { names } from "../../report/words.ts";
import type { PlannedCluster } from "../../topology/plan/plan.ts";
import { runbook } from "../../topology/runbook.ts";
import { UsageError } from "../usage-error.ts";

/** A cluster, and how it is reached. */
type Reached = Pick<PlannedCluster, "name" | "context" | "kubeconfig">;

/** Sees to it that a command has a kubeconfig for some cluster of a topology. What is said of each object otherwise is said once.
 * @param fallback path of the kubeconfig for clusters that name none; undefined: as kubectl finds it
 * @throws UsageError with each reason, where no cluster has one */
export async function needKubeconfig(
  { clusters: wanted }: { readonly clusters: ReadonlyMap<string, Reached> },
  fallback: string | undefined,
): Promise<void> {
  // Loading a Kubernetes client takes a while; who only asks for help need not wait for it.
  const { loadKubeConfig } = await import("../../kubernetes/kubeconfig.ts");
  const clusters = [...wanted.values()];
  const failures = clusters.flatMap(({ name, kubeconfig, context }) => {
    try {
      loadKubeConfig({ kubeconfig: kubeconfig ?? fallback, context });
      return [];
    } catch (error) {
      return [{ name, reason: error instanceof Error ? error.message : String(error) }];
    }
  });
  if (clusters.length === 0 || failures.length < clusters.length) return;
  const lines = [...Map.groupBy(failures, ({ reason }) => reason)].map(
    ([reason, group]) =>
      `${reason} (cluster${group.length === 1 ? "" : "s"} ${names(group.map(({ name }) => `"${name}"`))}; see ${runbook("cluster-unreachable")})`,
  );
  throw new UsageError(lines.join("\n"));
}
