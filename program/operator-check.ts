import type { Finding } from "../topology/findings/finding.ts";
import { operatorFindings } from "../topology/operator/operator-findings.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import type { ClusterSource } from "./contract-check.ts";

/**
 * Asks a cluster with Big Peers whether its operator runs. Never fails: where the Deployment cannot be read, such as for lack of a right,
 * nothing is known and nothing is said.
 */
export async function operatorCheck(plan: Plan, source: ClusterSource): Promise<Finding[]> {
  if (shareOf(plan, source.cluster).peers.length === 0) return [];
  const { namespace, deployment } = plan.operator.managementApi;
  try {
    const { readDeployment } = await import("../kubernetes/read-deployment.ts");
    const live = await readDeployment(source, namespace, deployment);
    if (!live) return operatorFindings(plan, source.cluster, undefined);
    const { spec, status } = live;
    return operatorFindings(plan, source.cluster, {
      labels: spec?.selector?.matchLabels ?? {},
      wanted: spec?.replicas ?? 1,
      // Kubernetes leaves a count of 0 out, and has counted nothing before it has observed the Deployment.
      ready: status?.observedGeneration === undefined ? undefined : (status.readyReplicas ?? 0),
    });
  } catch {
    return [];
  }
}
