/** What the supervisor runs inside a cluster besides its API server: the stand-ins, started in the order in which they need each other. */
import { access } from "node:fs/promises";
import type { OperatorContract } from "../topology/operator.ts";
import type { LabCluster } from "./cluster.ts";
import type { LabNetwork } from "./network.ts";

export interface StandIn {
  stop(): Promise<void>;
}

export interface StandInOptions {
  cluster: LabCluster;
  network: LabNetwork;
  contract: OperatorContract;
  log: (line: string) => void;
}

async function loadOperator(): Promise<((options: StandInOptions) => Promise<StandIn>) | undefined> {
  const file = new URL("operator/operator.ts", import.meta.url);
  try {
    await access(file);
  } catch {
    return undefined;
  }
  const module: unknown = await import(file.href);
  if (typeof module !== "object" || module === null || !("startOperator" in module)) return undefined;
  const { startOperator } = module;
  if (typeof startOperator !== "function") return undefined;
  return async (options) => startOperator(options);
}

/** Starts the stand-ins of one cluster. When it resolves, the operator's custom resources are served. */
export async function startStandIns(options: StandInOptions): Promise<StandIn> {
  const startOperator = await loadOperator();
  if (!startOperator) {
    options.log("no stand-in operator in lab/operator: the cluster has no Big Peer resources");
    return { stop: async () => {} };
  }
  return startOperator(options);
}
