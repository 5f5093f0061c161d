import type { Finding } from "../topology/findings/finding.ts";
import { losses as judged } from "../topology/plan/losses.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { exportsInNamesOf } from "./renamed-clusters.ts";
import type { StackExports } from "./stack-exports.ts";

/**
 * What an update would take away for good, by what the stack said after its last one.
 * @param exported undefined: nothing is known to be there
 */
export function losses(plan: Plan, owned: ReadonlySet<string>, exported: StackExports | undefined): Finding[] {
  if (!exported) return [];
  const { peers, apps, clusters } = exportsInNamesOf(plan, exported);
  return judged(plan, owned, {
    peers: new Map(Object.entries(peers).map(([name, { api, cluster, storage }]) => [name, { api, cluster, storage }])),
    apps: new Map(Object.entries(apps)),
    clusters: clusters && new Map(Object.entries(clusters)),
  });
}
