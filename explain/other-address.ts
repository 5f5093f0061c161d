import { stackFlag } from "../status/object-row.ts";
import type { Plan, PlannedExposure } from "../topology/plan/plan.ts";
import type { ExplainedLink } from "./link.ts";

/** The command that has another address of the target dialled, to follow the fix for the one that is dialled; empty if it has no other. */
export function otherAddress(plan: Plan, { replication, target }: ExplainedLink): string {
  const own = plan.exposures.filter((each) => each.replication === replication.name && each.peer === target.peer);
  const [dialled, other] = [own.find((each) => each.dialled), own.find((each) => !each.dialled)];
  if (!dialled || !other) return "";
  const at = other.host === undefined ? `by "${other.ingress}"` : `at ${other.host}:${other.port}`;
  const { options, moves } = stepOf(plan, dialled);
  const stack = stackFlag(plan.clusters.get(target.cluster));
  return `; ${target.peer} is open ${at}, too, and \`npx bigpeer next-address ${options}${stack}\` ${moves}`;
}

/** What turns the list of a target: alone if nobody shares it, else for all who do. */
function stepOf(
  plan: Plan,
  { listedBy, replication, peer, cluster }: PlannedExposure,
): Record<"options" | "moves", string> {
  const sharing = plan.exposures.filter(
    (each) =>
      each.dialled &&
      each.listedBy === listedBy &&
      (listedBy === "cluster" ? each.cluster === cluster : each.peer === peer),
  );
  if (listedBy === "replication" || sharing.length === 1)
    return { options: `${peer} --replication ${replication}`, moves: "has that one dialled" };
  if (listedBy === "cluster")
    return {
      options: plan.peers.has(cluster) ? peer : cluster,
      moves: `has the next way of ${cluster} dialled in all ${sharing.length} connections to it`,
    };
  return { options: peer, moves: `has the next address of ${peer} dialled in each replication that has a list of it` };
}
