import { Finding } from "../findings/finding.ts";
import { kubectlFor } from "../objects/kubectl.ts";
import type { Plan } from "../plan/plan.ts";
import { live } from "../rules/live.ts";
import { runbook } from "../runbook.ts";

/** The operator's Deployment, as far as it says whether the operator runs. */
export interface OperatorDeployment {
  /** The labels by which it selects its pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** How many pods it should have. */
  readonly wanted: number;
  /** How many of them are ready; undefined: Kubernetes has not counted them yet. */
  readonly ready: number | undefined;
}

/** Says that the operator of a cluster does not run. Pure.
 * @param seen undefined where the cluster has no such Deployment */
export function operatorFindings(plan: Plan, cluster: string, seen: OperatorDeployment | undefined): Finding[] {
  const { namespace, deployment } = plan.operator.managementApi;
  const page = runbook("operator-missing");
  const found = (what: string, fix: string) => [
    new Finding(live.operatorNotRunning, { path: ["clusters", cluster], what, fix: `${fix} (${page})` }),
  ];
  if (!seen)
    return found(
      `cluster "${cluster}" has no Deployment ${namespace}/${deployment}, in which the operator runs`,
      "install the operator there, or correct `operator.managementApi`",
    );
  const { labels, wanted, ready } = seen;
  if (ready !== 0) return [];
  const kubectl = `${kubectlFor(plan, cluster)} -n ${namespace}`;
  const what = `Deployment ${namespace}/${deployment} of cluster "${cluster}"`;
  if (wanted === 0)
    return found(
      `${what} is scaled to 0, so the operator does not run`,
      `scale it up: ${kubectl} scale deployment ${deployment} --replicas 1`,
    );
  const selector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  return found(
    `${what} has no ready pod (0 of ${wanted}), so the operator does not run`,
    `look at its pods: ${kubectl} get pods${selector === "" ? "" : ` -l ${selector}`}`,
  );
}
