import { CoreV1Api } from "@kubernetes/client-node";
import type { KubeconfigSource } from "./kubeconfig.ts";
import { limitedRequests } from "./limited-requests.ts";
import { unreadable } from "./unreadable.ts";

/** The Services of all namespaces, as a list of plain data.
 * @throws Error if the cluster cannot be reached or refuses */
export async function readServices(source: KubeconfigSource): Promise<unknown> {
  try {
    return await new CoreV1Api(limitedRequests(source)).listServiceForAllNamespaces();
  } catch (error) {
    throw unreadable("the Services of all namespaces", error, source, "list services");
  }
}
