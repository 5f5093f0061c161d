import type { Finding } from "../topology/findings/finding.ts";
import { losses as judged } from "../topology/plan/losses.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { inPlanNames } from "./renamed-clusters.ts";
import type { StackContract } from "./stack-contract.ts";

/**
 * What an update would take away for good, by what the stack said after its last one.
 * @param exported undefined: nothing is known to be there
 */
export function losses(plan: Plan, owned: ReadonlySet<string>, exported: StackContract | undefined): Finding[] {
  if (!exported) return [];
  const { peers, apps, clusters } = inPlanNames(plan, exported);
  return judged(plan, owned, {
    peers: new Map(Object.entries(peers).map(([name, { api, cluster, storage }]) => [name, { api, cluster, storage }])),
    apps: new Map(Object.entries(apps)),
    clusters: clusters && new Map(Object.entries(clusters)),
  });
}
