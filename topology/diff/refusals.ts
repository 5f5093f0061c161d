import { type Finding, formatPath } from "../findings/finding.ts";
import { deployedBy, losses } from "../plan/losses.ts";
import type { Plan, PlannedCluster } from "../plan/plan.ts";
import { portMoves, portsOfPlan } from "../plan/port-moves.ts";
import { reachesOf } from "../plan/renamed-clusters.ts";

/**
 * What the update after a change refuses, judged as it will: for each stack that the base names, with the base as what it has deployed.
 * Clusters for which no stack is named are taken for one stack's.
 * @param base in the head's names
 * @param pin the command that keeps the ports of the base
 */
export function refusals(base: Plan, head: Plan, pin: string): Finding[] {
  const reaches = reachesOf(base);
  const found = new Map<string, Finding>();
  for (const stack of new Set([...base.clusters.values()].map((cluster) => cluster.stack))) {
    const before = new Map([...reaches].filter(([name]) => base.clusters.get(name)?.stack === stack));
    // Where the file begins or ceases to say whose a cluster is, it stays with the stack that has it.
    const owns = ({ stack: owner }: PlannedCluster) => stack === undefined || owner === undefined || owner === stack;
    const owned = new Set([...head.clusters.values()].filter(owns).map(({ name }) => name));
    for (const finding of losses(head, owned, deployedBy(base, before)))
      found.set([finding.rule, formatPath(finding.path), finding.what].join("\n"), finding);
  }
  return [...found.values(), ...portMoves(head, portsOfPlan(base), pin)];
}
