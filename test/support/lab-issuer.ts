import { ApiextensionsV1Api, CoreV1Api, CustomObjectsApi, type KubeConfig } from "@kubernetes/client-node";
import { createRoot, type KeyPair } from "../../lab/operator/authority.ts";
import { sendAnnotation } from "../../lab/operator/big-peer-identity.ts";
import { issuersNamespace } from "../../lab/operator/cert-manager.ts";

/** A ClusterIssuer with a CA, in each of some clusters.
 * @param sends `leaf`: its Big Peers show their certificate alone */
export async function createIssuer(clusters: readonly KubeConfig[], name: string, sends = "chain"): Promise<KeyPair> {
  const root = await createRoot(name);
  for (const config of clusters) {
    const definitions = await config.makeApiClient(ApiextensionsV1Api).listCustomResourceDefinition();
    if (definitions.items.every(({ metadata }) => metadata?.name !== "clusterissuers.cert-manager.io"))
      throw new Error("the lab has no definition of a ClusterIssuer");
    const core = config.makeApiClient(CoreV1Api);
    await core.createNamespace({ body: { metadata: { name: issuersNamespace } } });
    const stringData = { "tls.crt": root.certificate, "tls.key": root.privateKey };
    const secret = { metadata: { name: `${name}-ca` }, type: "kubernetes.io/tls", stringData };
    await core.createNamespacedSecret({ namespace: issuersNamespace, body: secret });
    await config.makeApiClient(CustomObjectsApi).createClusterCustomObject({
      ...{ group: "cert-manager.io", version: "v1", plural: "clusterissuers" },
      body: {
        ...{ apiVersion: "cert-manager.io/v1", kind: "ClusterIssuer" },
        metadata: { name, annotations: { [sendAnnotation]: sends } },
        spec: { ca: { secretName: `${name}-ca` } },
      },
    });
  }
  return root;
}
