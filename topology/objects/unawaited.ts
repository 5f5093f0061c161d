import type { PlannedExposure } from "../plan/plan.ts";
import type { Manifest } from "./manifests.ts";

/**
 * The metadata of an object of ours that exposes a target. Pulumi does not wait for it: a load balancer may take minutes, and one that never
 * comes would block the whole update. The program reads the address itself, and what is missing is pending.
 */
export function unawaited(
  name: string,
  namespace: string,
  { peer, replication }: Pick<PlannedExposure["names"], "peer" | "replication">,
  annotations: Readonly<Record<string, string>> = {},
): Manifest["metadata"] {
  return {
    name,
    namespace,
    labels: {
      "app.kubernetes.io/managed-by": "bigpeer-topology",
      "bigpeer-topology/peer": peer,
      "bigpeer-topology/replication": replication,
    },
    annotations: { ...annotations, "pulumi.com/patchForce": "true", "pulumi.com/skipAwait": "true" },
  };
}
