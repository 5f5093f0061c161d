/** The stand-ins that the supervisor runs in a cluster beside its API server: of the operator, of the Big Peers, and of what exposes them. */
import type { OperatorContract } from "../topology/operator/contract.ts";
import type { LabCluster } from "./cluster.ts";
import { type ExposureOptions, startExposure } from "./exposure/exposure.ts";
import { startIngress } from "./ingress/ingress.ts";
import type { LabNetwork } from "./network.ts";
import { startOperator } from "./operator/operator.ts";
import type { IngressRequest } from "./supervisor-messages.ts";

export interface StandIns {
  /** A paused operator sees nothing; its Big Peers run on. */
  pauseOperator(paused: boolean): void;
  /** Suspended Big Peers answer nobody, as those whose pods have crashed; their documents stay. */
  suspendBigPeers(suspended: boolean): Promise<void>;
  stop(): Promise<void>;
}

export interface StandInOptions {
  cluster: LabCluster;
  ingresses: readonly (IngressRequest & { address: string })[];
  network: LabNetwork;
  contract: OperatorContract;
  exposure: Pick<ExposureOptions, "parts" | "addresses" | "nodeAddress" | "gatewayDefinitions">;
  log: (line: string) => void;
}

/** Starts the stand-ins of one cluster. When it resolves, the operator's custom resources are served and the controllers are there. */
export async function startStandIns(options: StandInOptions): Promise<StandIns> {
  const { cluster, ingresses, network, contract, exposure, log } = options;
  const ingressController = ingresses.length > 0 || exposure.parts.nginxF5 !== undefined;
  const operator = startOperator({ cluster, network, contract, ingressController, log });
  const controllers = ingresses.map(({ address, ...controller }) =>
    startIngress({ cluster, controller, address, log }),
  );
  const others = ingresses.map(({ namespace, service }) => `${namespace}/${service}`);
  const exposed = startExposure({ ...exposure, cluster, others, log });
  const started = await Promise.allSettled([operator, exposed, ...controllers]);
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
  return {
    stop,
    pauseOperator: (paused) => running.pause(paused),
    suspendBigPeers: (suspended) => running.suspendBigPeers(suspended),
  };
}
