/** What the supervisor runs inside a cluster besides its API server: the stand-ins of the operator, the Big Peers and ingress-nginx. */
import type { OperatorContract } from "../topology/operator/contract.ts";
import type { LabCluster } from "./cluster.ts";
import { startIngress } from "./ingress/ingress.ts";
import type { LabNetwork } from "./network.ts";
import { startOperator } from "./operator/operator.ts";
import type { IngressRequest } from "./supervisor-messages.ts";

export interface StandIns {
  /** A paused operator sees nothing; its Big Peers run on. */
  pauseOperator(paused: boolean): void;
  stop(): Promise<void>;
}

export interface StandInOptions {
  cluster: LabCluster;
  ingresses: readonly (IngressRequest & { address: string })[];
  network: LabNetwork;
  contract: OperatorContract;
  log: (line: string) => void;
}

/** Starts the stand-ins of one cluster. When it resolves, the operator's custom resources are served and the controllers are there. */
export async function startStandIns({ cluster, ingresses, network, contract, log }: StandInOptions): Promise<StandIns> {
  const operator = startOperator({ cluster, network, contract, ingressController: ingresses.length > 0, log });
  const controllers = ingresses.map(({ address, ...controller }) =>
    startIngress({ cluster, controller, address, log }),
  );
  const started = await Promise.allSettled([operator, ...controllers]);
  const standIns = started.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const stop = async () => {
    await Promise.all(standIns.map((standIn) => standIn.stop()));
  };
  const failure = started.find((each) => each.status === "rejected");
  if (failure?.status === "rejected") {
    await stop();
    throw failure.reason;
  }
  const running = await operator;
  return { stop, pauseOperator: (paused) => running.pause(paused) };
}
