import { KubernetesObjectApi } from "@kubernetes/client-node";
import { loadKubeConfig } from "./kubeconfig.ts";

const apiVersions = { Service: "v1", ConfigMap: "v1", Deployment: "apps/v1" } as const;

/** Reads one object as plain data; undefined where it is not there.
 * @throws Error if the cluster cannot be reached or refuses */
export async function readObject(
  source: { kubeconfig?: string | undefined; context?: string | undefined },
  kind: keyof typeof apiVersions,
  namespace: string,
  name: string,
): Promise<unknown> {
  const api = KubernetesObjectApi.makeApiClient(loadKubeConfig(source));
  try {
    return await api.read({ apiVersion: apiVersions[kind], kind, metadata: { namespace, name } });
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
    if (code === 404) return undefined;
    const reason = code === undefined ? innermost(error) : `HTTP ${code}`;
    throw new Error(`${kind} ${namespace}/${name} of context ${source.context} cannot be read: ${reason}`);
  }
}

/** "fetch failed" says nothing; what it was caused by does. */
function innermost(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? innermost(error.cause) : error.message;
}
