import type { Plan } from "../../topology/plan/plan.ts";
import { UsageError } from "../usage-error.ts";

/** Sees to it that a command has a kubeconfig for some cluster of a topology. What is said of each object otherwise is said once.
 * @param fallback path of the kubeconfig for clusters that name none; undefined: as kubectl finds it
 * @throws UsageError with each reason, where no cluster has one */
export async function needKubeconfig(plan: Plan, fallback: string | undefined): Promise<void> {
  // Loading a Kubernetes client takes a while; who only asks for help need not wait for it.
  const { loadKubeConfig } = await import("../../kubernetes/kubeconfig.ts");
  const clusters = [...plan.clusters.values()];
  const reasons = clusters.flatMap(({ kubeconfig, context }) => {
    try {
      loadKubeConfig({ kubeconfig: kubeconfig ?? fallback, context });
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
  if (clusters.length > 0 && reasons.length === clusters.length) throw new UsageError([...new Set(reasons)].join("\n"));
}
