import type { Plan } from "../topology/plan/plan.ts";
import type { Selected } from "../topology/selection/selection.ts";
import type { StatusRow } from "./status-row.ts";

/** The rows of what is selected: of its peers, and of what its clusters have for all. */
export function selectedRows(plan: Plan, rows: readonly StatusRow[], selected: Selected): StatusRow[] {
  return selected.narrowed ? rows.filter((row) => isSelected(plan, row, selected)) : [...rows];
}

function isSelected(plan: Plan, { source, ref, exposure }: StatusRow, selected: Selected): boolean {
  const [section, ...rest] = source.split(".");
  const name = rest.join(".");
  const isOurs = (each: { readonly name: string; readonly cluster: string }) =>
    each.name === ref.name && each.cluster === ref.cluster;
  if (section === "peers") return selected.peers.has(name);
  if (section === "apps") {
    const object = plan.apps.get(name)?.objects.find(isOurs);
    return selected.apps.has(name) && object !== undefined && selected.peers.has(object.peer);
  }
  if (section === "replications") {
    const side = plan.replications.get(name)?.sides.find(isOurs);
    const peer = exposure?.peer ?? side?.peer;
    // What exposes a target is in the target's cluster.
    return (
      selected.replications.has(name) &&
      (peer === undefined ? selected.clusters.has(ref.cluster) : selected.peers.has(peer))
    );
  }
  return selected.clusters.has(ref.cluster);
}
