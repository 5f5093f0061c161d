import { CoreV1Api } from "@kubernetes/client-node";
import type { KubeconfigSource } from "./kubeconfig.ts";
import { limitedRequests } from "./limited-requests.ts";
import { unreadable } from "./unreadable.ts";

/** The events of a Service, as a list of plain data.
 * @throws Error if the cluster cannot be reached or refuses */
export async function readServiceEvents(source: KubeconfigSource, namespace: string, name: string): Promise<unknown> {
  const fieldSelector = `involvedObject.kind=Service,involvedObject.name=${name}`;
  try {
    return await new CoreV1Api(limitedRequests(source)).listNamespacedEvent({ namespace, fieldSelector });
  } catch (error) {
    throw unreadable(
      `the events of Service ${namespace}/${name}`,
      error,
      source,
      `list events in namespace ${namespace}`,
    );
  }
}

/** The latest events of a namespace, as a list of plain data.
 * @throws Error if the cluster cannot be reached or refuses */
export async function readEvents(source: KubeconfigSource, namespace: string): Promise<readonly unknown[]> {
  try {
    const { items } = await new CoreV1Api(limitedRequests(source)).listNamespacedEvent({ namespace, limit: 1000 });
    return items;
  } catch (error) {
    const asked = `list events in namespace ${namespace}`;
    throw unreadable(`the events of namespace ${namespace}`, error, source, asked);
  }
}
