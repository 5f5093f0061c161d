import type { Finding } from "../topology/findings/finding.ts";
import { losses as judged } from "../topology/plan/losses.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { type DeployedPorts, portMoves } from "../topology/plan/port-moves.ts";
import { exportsInNamesOf } from "./renamed-clusters.ts";
import type { StackExports } from "./stack-exports.ts";

/**
 * What an update would delete for good, judged by what the stack exported after its last update.
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

/** The ports that a stack has exported as dialled by others, by exposure. */
export function exportedPorts(exposures: StackExports["exposures"]): DeployedPorts {
  return new Map(Object.entries(exposures).map(([id, address]) => [id, Number(address.split(":").at(-1))]));
}

/**
 * Ports that an update would move, judged by what the stack exported after its last update.
 * @param pin the command that keeps them
 */
export function movedPorts(plan: Plan, exported: StackExports | undefined, pin: string): Finding[] {
  return exported ? portMoves(plan, exportedPorts(exportsInNamesOf(plan, exported).exposures), pin) : [];
}
