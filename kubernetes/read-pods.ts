import { CoreV1Api, type V1Pod } from "@kubernetes/client-node";
import type { KubeconfigSource } from "./kubeconfig.ts";
import { limitedRequests } from "./limited-requests.ts";
import { unreadable } from "./unreadable.ts";

/** The pods of a namespace that have some labels.
 * @param labels a selector as kubectl takes it, such as `app=nginx`
 * @throws UnreadableError if the cluster cannot be reached or refuses */
export async function readPods(source: KubeconfigSource, namespace: string, labels: string): Promise<readonly V1Pod[]> {
  try {
    const api = new CoreV1Api(limitedRequests(source));
    return (await api.listNamespacedPod({ namespace, labelSelector: labels })).items;
  } catch (error) {
    const asked = `list pods in namespace ${namespace}`;
    throw unreadable(`the pods with ${labels} in namespace ${namespace}`, error, source, asked);
  }
}

export interface LogRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** How many lines from its end. */
  readonly lines: number;
  /** The container's run before the one that runs now. */
  readonly previous: boolean;
}

/** More than any container writes in so few lines; what goes beyond it would only fill memory. */
const maxBytes = 8 * 1024 * 1024;

/** The end of a container's log, each line with its time.
 * @throws UnreadableError if the cluster cannot be reached or refuses */
export async function readLog(
  source: KubeconfigSource,
  { namespace, pod, container, lines, previous }: LogRequest,
): Promise<string> {
  try {
    const api = new CoreV1Api(limitedRequests(source));
    const request = { namespace, name: pod, container, tailLines: lines, timestamps: true, previous };
    const text: unknown = await api.readNamespacedPodLog({ ...request, limitBytes: maxBytes });
    return typeof text === "string" ? text : "";
  } catch (error) {
    const what = `the log of container ${container} in pod ${namespace}/${pod}`;
    throw unreadable(what, error, source, `get pods/log in namespace ${namespace}`);
  }
}
