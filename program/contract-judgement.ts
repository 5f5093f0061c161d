import { readOperatorFacts } from "../kubernetes/read-operator-facts.ts";
import type { Finding } from "../topology/findings/finding.ts";
import type { Definition } from "../topology/operator/custom-resource-definition.ts";
import { contractDiffers, isUsed } from "../topology/operator/discovery/findings.ts";
import { settleContract } from "../topology/operator/discovery/settle.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import type { ClusterSource } from "./contract-check.ts";

/**
 * The differences between a cluster's operator and a plan's contract, as `bigpeer contract` judges them, found with the
 * rights that a deployment has anyway. A Big Peer's Certificates are examined where the caller may list them.
 */
export async function contractJudgement(
  plan: Plan,
  { cluster, ...source }: ClusterSource,
  definitions: readonly Definition[],
  found: readonly Finding[],
): Promise<Finding[]> {
  const { peers } = shareOf(plan, cluster);
  // A cluster that runs nothing is not asked.
  if (peers.length === 0) return [];
  const namespaces = [...new Set(peers.map(({ namespace }) => namespace))];
  const facts = await readOperatorFacts(source, plan.operator, { definitions, namespaces, modest: true });
  const judged = settleContract(plan.operator, facts).filter(({ setting }) => isUsed(plan, cluster, setting));
  return contractDiffers(judged, { cluster, context: source.context }, found);
}
