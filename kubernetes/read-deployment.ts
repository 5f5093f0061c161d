import { AppsV1Api, type V1Deployment } from "@kubernetes/client-node";
import { httpCode } from "./failure.ts";
import type { KubeconfigSource } from "./kubeconfig.ts";
import { limitedRequests } from "./limited-requests.ts";
import { unreadable } from "./unreadable.ts";

/** Reads a Deployment with one request; undefined where it is not there.
 * @throws UnreadableError if the cluster cannot be reached or refuses */
export async function readDeployment(
  source: KubeconfigSource,
  namespace: string,
  name: string,
): Promise<V1Deployment | undefined> {
  try {
    return await new AppsV1Api(limitedRequests(source)).readNamespacedDeployment({ namespace, name });
  } catch (error) {
    if (httpCode(error) === 404) return undefined;
    throw unreadable(`Deployment ${namespace}/${name}`, error, source);
  }
}
