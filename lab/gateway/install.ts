/** Installs Gateway API as a platform team does: its definitions, GatewayClasses, and the Gateways of somebody else. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import type { LabCluster } from "../cluster.ts";
import { installDefinitions, readDefinitions } from "../definitions.ts";
import type { GatewayPartRequest } from "../exposure/requests.ts";
import { controllerName, group } from "./objects.ts";

const kinds = ["gatewayclasses", "gateways", "listenersets", "tcproutes", "referencegrants"];

/** @param folder with `standard/` and `experimental/`, as the Go module has them */
export async function installGatewayApi(
  cluster: LabCluster,
  request: GatewayPartRequest,
  folder: string,
): Promise<void> {
  const files = kinds.map((kind) => join(folder, request.channel, `${group}_${kind}.yaml`));
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  await installDefinitions(cluster, texts.flatMap(readDefinitions));
  const api = KubernetesObjectApi.makeApiClient(cluster.kubeConfig);
  const apply = (object: { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } }) =>
    api.patch(object, undefined, undefined, "platform-team", true, PatchStrategy.ServerSideApply);
  for (const name of request.classes)
    await apply({
      ...{ apiVersion: `${group}/v1`, kind: "GatewayClass", metadata: { name } },
      ...{ spec: { controllerName } },
    });
  for (const { namespace, name, installed } of request.gateways) {
    if (!installed) continue;
    const allowedRoutes = { namespaces: { from: "All" } };
    const tcp = installed.listeners.map((each) => ({ ...each, protocol: "TCP", allowedRoutes }));
    await apply({
      ...{ apiVersion: `${group}/v1`, kind: "Gateway", metadata: { namespace, name } },
      ...{
        spec: {
          gatewayClassName: installed.className,
          allowedListeners: { namespaces: { from: installed.allowedListeners } },
          // A Gateway has one listener at least.
          listeners: [{ name: "http", port: 80, protocol: "HTTP" }, ...tcp],
        },
      },
    });
  }
}
