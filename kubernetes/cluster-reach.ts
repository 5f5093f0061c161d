import { CoreV1Api } from "@kubernetes/client-node";
import { kubectlAt } from "../topology/objects/kubectl.ts";
import { httpCode, remedyOf } from "./failure.ts";
import type { KubeconfigSource } from "./kubeconfig.ts";
import { limitedRequests } from "./limited-requests.ts";
import { reasonAt } from "./unreadable.ts";

/** Why nothing can be done in a cluster, and what to do about it. */
export interface Obstacle {
  /** With the context and the address of the cluster. */
  readonly reason: string;
  /** In the imperative, with a page of the runbook. */
  readonly remedy: string;
}

/** Says whether a cluster answers, and which one it is. */
export type Reach =
  | {
      readonly answers: true;
      /** UID of its namespace `kube-system`, which lives as long as the cluster; undefined: it may not be read. */
      readonly identity: string | undefined;
      /** It knows no user by the kubeconfig's credential, so it lets nothing be done. */
      readonly refused?: Obstacle | undefined;
    }
  | ({ readonly answers: false } & Obstacle);

/**
 * Asks a cluster which one it is. The address of an API server may be another one tomorrow, and another cluster may have it then; the UID of
 * `kube-system` is what Kubernetes' own projects take for a cluster's identity.
 */
export async function reachCluster(source: KubeconfigSource): Promise<Reach> {
  try {
    const api = new CoreV1Api(limitedRequests(source));
    const { metadata } = await api.readNamespace({ name: "kube-system" });
    return { answers: true, identity: metadata?.uid };
  } catch (error) {
    const code = httpCode(error);
    // Whoever refuses answers. A load balancer without a server behind it answers 502 to 504.
    if (code !== undefined && code < 500 && code !== 401) return { answers: true, identity: undefined };
    const reason = reasonAt(error, source, "get the namespace kube-system");
    const obstacle = { reason, remedy: remedyOf(error, kubectlAt(source.context)) };
    return code === 401 ? { answers: true, identity: undefined, refused: obstacle } : { answers: false, ...obstacle };
  }
}
