import { readObjects } from "../status/live-objects.ts";
import { statusOf } from "../status/report.ts";
import type { StatusRow } from "../status/status-row.ts";
import type { Plan } from "../topology/plan/plan.ts";

/** How the declared objects of one cluster are. */
export interface ObjectCounts {
  /** The cluster's name in the topology. */
  readonly cluster: string;
  /** Missing, or not as declared. */
  readonly drifted: number;
  /** Nobody knows how they are. */
  readonly unreadable: number;
}

/** Compares every declared object with its cluster, as `status --live` does. It needs no stack: what counts is the topology. */
export async function observeObjects(plan: Plan, kubeconfig: string | undefined): Promise<ObjectCounts[]> {
  const live = await readObjects(plan, kubeconfig);
  const deployed = () => ({ unknown: "nobody has asked the stacks" });
  return countObjects(plan, statusOf(plan, { deployed, leftovers: () => [], live, caExpiry: new Map() }));
}

/** Counts the rows of `status` by cluster; each cluster of the plan is in it. */
function countObjects(plan: Plan, rows: readonly StatusRow[]): ObjectCounts[] {
  return [...plan.clusters.keys()].map((cluster) => {
    const own = rows.filter(({ ref }) => ref.cluster === cluster);
    const drifted = own.filter(({ live, undeclared }) => live === "no" || live === "differs" || undeclared);
    return {
      cluster,
      drifted: drifted.length,
      unreadable: own.filter(({ live }) => live === "unknown").length,
    };
  });
}
