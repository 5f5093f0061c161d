import type { Finding } from "../topology/findings/finding.ts";
import { clusterFindings, uncheckedCluster } from "../topology/operator/cluster-findings.ts";
import type { Definition } from "../topology/operator/custom-resource-definition.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { live } from "../topology/rules/live.ts";
import { issuerCheck } from "./issuer-check.ts";
import { operatorCheck } from "./operator-check.ts";

/** How one cluster of a plan is reached. */
export interface ClusterSource {
  /** Its name in the plan. */
  readonly cluster: string;
  readonly context: string;
  /** Path or content of its kubeconfig; undefined: as kubectl finds it. */
  readonly kubeconfig: string | undefined;
}

/** Further questions to a cluster whose definitions have been read. */
type Further = (
  source: ClusterSource,
  definitions: readonly Definition[],
  found: readonly Finding[],
) => Promise<Finding[]>;

/** Asks the clusters whether they serve what a plan will write. A cluster that cannot be asked gives a warning. */
export async function contractCheck(
  plan: Plan,
  sources: readonly ClusterSource[],
  further: Further = async () => [],
): Promise<Finding[]> {
  const [{ readDefinitions }, { unreadable }] = await Promise.all([
    import("../kubernetes/read-definitions.ts"),
    import("../kubernetes/unreadable.ts"),
  ]);
  const found = await Promise.all(
    sources.map(async (source) => {
      const { cluster } = source;
      // Asked while the definitions are read, and told only where the operator is installed: `missing-crd` says that it is not.
      const asked = operatorCheck(plan, source);
      try {
        const facts = await readDefinitions(source);
        const findings = clusterFindings(plan, cluster, facts);
        const issuers = await issuerCheck(plan, source, facts.definitions);
        const operator = findings.some(({ rule }) => rule === live.missingCrd.id) ? [] : await asked;
        return [...findings, ...operator, ...issuers, ...(await further(source, facts.definitions, findings))];
      } catch (error) {
        return [uncheckedCluster(cluster, unreadable("the custom resource definitions", error, source))];
      }
    }),
  );
  return found.flat();
}
