import type { OperatorContract } from "../../topology/operator/contract.ts";
import type { LabNetwork } from "../network.ts";
import type { ClusterObjects } from "./cluster-objects.ts";

export interface ControllerOptions {
  readonly cluster: string;
  readonly contract: OperatorContract;
  readonly objects: ClusterObjects;
  readonly network: LabNetwork;
  /** True if an Ingress controller runs in the cluster. */
  readonly ingressController: boolean;
  readonly log: (line: string) => void;
  /** Something happened that the next pass has to look at. */
  readonly onChange: () => void;
}
