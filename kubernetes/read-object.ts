import { KubernetesObjectApi } from "@kubernetes/client-node";
import type { ObjectReference } from "../topology/objects/object-reference.ts";
import { httpCode } from "./failure.ts";
import { type KubeconfigSource, loadKubeConfig } from "./kubeconfig.ts";
import { unreadable } from "./unreadable.ts";

/** A client asks once for the resources that a cluster has, so all reads by one kubeconfig share one. */
const clients = new WeakMap<object, KubernetesObjectApi>();

/** A reference to an object of a namespace, or of the whole cluster. */
export type LiveReference = Omit<ObjectReference, "namespace"> & Partial<Pick<ObjectReference, "namespace">>;

/** Reads one object as plain data; undefined where it is not there.
 * @throws Error if the cluster cannot be reached or refuses */
export async function readObject(
  source: KubeconfigSource,
  { apiVersion, kind, namespace, name }: LiveReference,
): Promise<unknown> {
  try {
    const metadata = namespace === undefined ? { name } : { namespace, name };
    return await clientOf(source).read({ apiVersion, kind, metadata });
  } catch (error) {
    if (httpCode(error) === 404 || isUnserved(error)) return undefined;
    throw unreadable(`${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`, error, source);
  }
}

/** The client's word for a kind that the API server does not serve. */
function isUnserved(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Unrecognized API version and kind");
}

function clientOf(source: KubeconfigSource): KubernetesObjectApi {
  const config = loadKubeConfig(source);
  const client = clients.get(config) ?? KubernetesObjectApi.makeApiClient(config);
  clients.set(config, client);
  return client;
}
