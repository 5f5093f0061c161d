/** A lab for as long as something is measured on it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { type RunningLab, startLab } from "../lab/lab.ts";
import type { LabClusterRequest } from "../lab/supervisor-messages.ts";
import { labClusters } from "../lab/topology-clusters.ts";
import { planText } from "../topology/check.ts";
import type { Plan } from "../topology/plan/plan.ts";
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

const kubeconfigSchema = z.looseObject({ contexts: z.array(z.looseObject({ name: z.string() })) });

/** A lab with one API server for all clusters of a plan: many of them would only share the processors. */
export async function withSharedServer<T>(plan: Plan, use: (lab: RunningLab) => Promise<T>): Promise<T> {
  const requests = labClusters(plan);
  const [first] = requests;
  if (!first) throw new Error("the topology declares no cluster");
  const shared = { ...first, namespaces: [...new Set(requests.flatMap(({ namespaces }) => namespaces))] };
  return withLab([shared], (lab) => {
    addContexts(lab, [...plan.clusters.keys()]);
    return use(lab);
  });
}

/** Contexts of these names, all of them the lab's one cluster. */
function addContexts({ kubeconfig }: RunningLab, names: readonly string[]): void {
  const config = kubeconfigSchema.parse(parse(readFileSync(kubeconfig, "utf8")));
  const [first] = config.contexts;
  writeFileSync(kubeconfig, stringify({ ...config, contexts: names.map((name) => ({ ...first, name })) }), {
    mode: 0o600,
  });
}
