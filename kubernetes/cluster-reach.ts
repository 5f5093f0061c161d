import { CoreV1Api } from "@kubernetes/client-node";
import { httpCode } from "./failure.ts";
import type { KubeconfigSource } from "./kubeconfig.ts";
import { limitedRequests } from "./limited-requests.ts";
import { reasonAt } from "./unreadable.ts";

/** Says whether a cluster answers, and which one it is. */
export type Reach =
  | {
      readonly answers: true;
      /** UID of its namespace `kube-system`, which lives as long as the cluster; undefined: it may not be read. */
      readonly identity: string | undefined;
    }
  | { readonly answers: false; readonly reason: string };

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
    if (code !== undefined && code < 500) return { answers: true, identity: undefined };
    return { answers: false, reason: reasonAt(error, source, "get the namespace kube-system") };
  }
}
