import { createServer } from "node:net";
import type { KubeConfig } from "@kubernetes/client-node";
import type { OperatorContract } from "../../topology/operator/contract.ts";
import type { ClusterObjects } from "./cluster-objects.ts";
import { type ApiKeys, serveManagementApi } from "./management-api.ts";
import { tokenReview } from "./token-review.ts";

/** Makes the Deployment and the Service by which people find the management API, and serves it on the Service's address. */
export async function startManagementApi(
  kubeConfig: KubeConfig,
  { managementApi }: OperatorContract,
  objects: ClusterObjects,
  keys: ApiKeys,
): Promise<{ stop(): Promise<void> }> {
  const { namespace, deployment, port, service, servicePort, authMode } = managementApi;
  await objects.operatorDeployment(namespace, deployment, port);
  const labels = { "app.kubernetes.io/name": deployment };
  // Nothing forwards a Service's port to its pods here, and the lower ports may be the system's alone.
  const listening = (await mayListenOn(servicePort)) ? servicePort : port;
  const host = await objects.service({ namespace, name: service, port: listening, labels, owner: undefined });
  const review = authMode === "k8s-token" ? tokenReview(kubeConfig) : undefined;
  return serveManagementApi(host, listening, keys, review);
}

async function mayListenOn(port: number): Promise<boolean> {
  const server = createServer();
  const refused = await new Promise<unknown>((resolve) => {
    server.once("error", resolve);
    server.listen(port, "127.0.0.1", () => resolve(undefined));
  });
  server.close();
  return !(refused instanceof Error && "code" in refused && refused.code === "EACCES");
}
