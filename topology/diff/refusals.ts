import { type Finding, formatPath } from "../findings/finding.ts";
import { deployedBy, losses } from "../plan/losses.ts";
import type { Plan, PlannedCluster } from "../plan/plan.ts";
import { portMoves, portsOfPlan } from "../plan/port-moves.ts";
import { reachesOf } from "../plan/renamed-clusters.ts";

/**
 * The findings with which the update after a change will refuse it, for each stack that the base names, with the base as what is deployed.
 * Clusters for which no stack is named are taken for one stack's.
 * @param base in the head's names
 * @param pin the command that keeps the ports of the base
 */
export function refusals(base: Plan, head: Plan, pin: string): Finding[] {
  const reaches = reachesOf(base);
  const found = new Map<string, Finding>();
  for (const stack of new Set([...base.clusters.values()].map((cluster) => cluster.stack))) {
    const before = new Map([...reaches].filter(([name]) => base.clusters.get(name)?.stack === stack));
    // If the file starts or stops naming the owner of a cluster, the cluster stays with the stack that has it.
    const owns = ({ stack: owner }: PlannedCluster) => stack === undefined || owner === undefined || owner === stack;
    const owned = new Set([...head.clusters.values()].filter(owns).map(({ name }) => name));
    for (const finding of losses(head, owned, deployedBy(base, before)))
      found.set([finding.rule, formatPath(finding.path), finding.what].join("\n"), finding);
  }
  return [...found.values(), ...portMoves(head, portsOfPlan(base), pin)];
}
