import type { Obstacle, Reach } from "../kubernetes/cluster-reach.ts";
import { Finding, TopologyError } from "../topology/findings/finding.ts";
import type { Plan, PlannedCluster } from "../topology/plan/plan.ts";
import { live } from "../topology/rules/live.ts";
import type { Pending, StackExports } from "./stack-exports.ts";

/** The state of a cluster of this stack, which decides what an update does with it. */
export type Standing = { readonly cluster: PlannedCluster } & (
  | { readonly state: "reached"; readonly identity: string | undefined }
  /** It does not answer now, or lets nothing be done: what is there stays as it is. */
  | ({ readonly state: "away"; readonly identity: string | undefined } & Obstacle)
  /** It is gone for good: what the state holds of it is marked to be forgotten, and never deleted. */
  | { readonly state: "lost" }
  /** It is gone for good, and its resources are marked: what the state still holds of it is forgotten. */
  | { readonly state: "forgotten" }
);

/**
 * Judges the clusters of a stack before anything is declared.
 * @param before what the stack exported after its last update, in the plan's names
 * @throws TopologyError if a cluster is not the one that it was before, if one that is marked as lost answers, or if
 * none can be reached
 */
export async function standingOf(
  plan: Plan,
  owned: ReadonlySet<string>,
  before: StackExports | undefined,
  reach: (cluster: PlannedCluster) => Promise<Reach>,
): Promise<Standing[]> {
  const clusters = [...plan.clusters.values(), ...plan.lost.values()].filter(({ name }) => owned.has(name));
  const asked = await Promise.all(clusters.map(async (cluster) => ({ cluster, found: await reach(cluster) })));
  const findings: Finding[] = [];
  const standings = asked.flatMap(({ cluster, found }): Standing[] => {
    const { name } = cluster;
    const known = before?.clusters?.[name]?.identity;
    if (plan.lost.has(name)) {
      if (before?.forgotten?.includes(name)) return [{ cluster, state: "forgotten" }];
      const itself = found.answers && (known === undefined || found.identity === undefined || found.identity === known);
      if (itself && knownCluster(before, name)) findings.push(stillAnswers(name));
      return [{ cluster, state: "lost" }];
    }
    const away = ({ reason, remedy }: Obstacle): Standing[] => [
      { cluster, state: "away", identity: known, reason, remedy },
    ];
    if (!found.answers) return away(found);
    if (found.refused) return away(found.refused);
    if (known !== undefined && found.identity !== undefined && found.identity !== known)
      findings.push(another(name, known, found.identity));
    return [{ cluster, state: "reached", identity: found.identity ?? known }];
  });
  const away = standings.flatMap((each) => (each.state === "away" ? [each] : []));
  if (away.length > 0 && standings.every(({ state }) => state === "away")) findings.push(...away.map(unreachable));
  if (findings.length > 0) throw new TopologyError(findings);
  return standings;
}

/** True if the stack has ever had anything in a cluster. */
function knownCluster(before: StackExports | undefined, name: string): boolean {
  return before?.clusters?.[name] !== undefined;
}

/** The findings for clusters that are not as they should be. */
export function pendingOf(standings: readonly Standing[], stack: string): Pending[] {
  return standings.flatMap((standing): Pending[] => {
    const { name } = standing.cluster;
    if (standing.state === "away") {
      return [
        {
          what: `cluster ${name}`,
          reason: `it cannot be reached (${standing.reason}), so what is there stays as it is`,
          next: `${standing.remedy}; then run pulumi up again. If the cluster is gone for good, write \`lost: true\` in clusters.${name}`,
        },
      ];
    }
    if (standing.state !== "lost") return [];
    const reason = "its resources are marked, and the next update removes them from the state";
    return [{ what: `the loss of cluster ${name}`, reason, next: `pulumi up --stack ${stack}` }];
  });
}

function stillAnswers(cluster: string): Finding {
  return new Finding(live.lostClusterAnswers, {
    path: ["clusters", cluster, "lost"],
    what: `the cluster "${cluster}" is marked as lost, but it answers`,
    fix: `remove \`lost\`; to delete its Big Peers, list them in \`confirmRemoval\`, run pulumi up, and remove them from the file`,
  });
}

function another(cluster: string, before: string, now: string): Finding {
  return new Finding(live.anotherCluster, {
    path: ["clusters", cluster],
    what: `the cluster "${cluster}" is not the one that this stack has deployed to (its kube-system has the UID ${now}, not ${before})`,
    fix:
      "check that its `context` and kubeconfig lead to the right cluster; if the former one is gone for good, write `lost: true` in " +
      `clusters.${cluster}, run pulumi up twice, and remove it again`,
  });
}

function unreachable({ cluster: { name: cluster }, reason, remedy }: Standing & { state: "away" }): Finding {
  return new Finding(live.clusterUnreachable, {
    path: ["clusters", cluster],
    what: `the cluster "${cluster}" cannot be reached: ${reason}`,
    fix: `${remedy}; if the cluster is gone for good, write \`lost: true\` in clusters.${cluster}`,
  });
}
