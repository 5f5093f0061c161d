/** A lab for as long as something is measured on it. */
import { join } from "node:path";
import { type RunningLab, startLab } from "../lab/lab.ts";
import type { LabClusterRequest } from "../lab/supervisor-messages.ts";
import { labClusters } from "../lab/topology-clusters.ts";
import { planText } from "../topology/check.ts";
import { scratchFolder } from "./scratch.ts";

export async function withLab<T>(clusters: LabClusterRequest[], use: (lab: RunningLab) => Promise<T>): Promise<T> {
  const lab = await startLab({ directory: join(scratchFolder("lab"), "lab"), clusters });
  try {
    return await use(lab);
  } finally {
    await lab.stop();
  }
}

/** The cluster that a topology of one cluster wants, under each of these names. */
export function clustersLike(topology: string, names: readonly string[]): LabClusterRequest[] {
  const [wanted] = labClusters(planText(topology).plan);
  if (!wanted) throw new Error("the topology declares no cluster");
  return names.map((name) => ({ ...wanted, name, context: name }));
}
