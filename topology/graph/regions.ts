import type { Plan } from "../plan/plan.ts";
import { shareOf } from "../plan/share.ts";

/** Labels by which clusters are put into boxes although nobody asks for it, the first that tells clusters apart. */
const usual = ["region", "topology.kubernetes.io/region"];

/** The label by which clusters are grouped by default; undefined: no usual one tells them apart. */
export function usualGrouping(plan: Plan): string | undefined {
  return usual.find(
    (label) => new Set([...plan.clusters.keys()].map((name) => labelValue(plan, name, label))).size > 1,
  );
}

/** Every label of a cluster or a peer, in the order of the file. */
export function labelsOf(plan: Plan): string[] {
  const labels = [...plan.clusters.values(), ...[...plan.peers.values()].map(({ settings }) => settings)];
  return [...new Set(labels.flatMap((each) => Object.keys(each.labels ?? {})))];
}

/** The title of the box around a cluster, such as `region europe`. */
export function regionOf(plan: Plan, cluster: string, label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  const value = labelValue(plan, cluster, label);
  return value === undefined ? undefined : `${label.slice(label.lastIndexOf("/") + 1)} ${value}`;
}

/** The cluster's own value, or the one that all of its peers have. */
function labelValue(plan: Plan, cluster: string, label: string): string | undefined {
  const labels = plan.clusters.get(cluster)?.labels ?? {};
  if (Object.hasOwn(labels, label)) return String(labels[label]);
  const values = shareOf(plan, cluster).peers.map(({ settings }) => settings.labels?.[label]);
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? String(first) : undefined;
}
