import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { httpCode } from "../kubernetes/failure.ts";
import { UnreadableError } from "../kubernetes/unreadable.ts";
import { runbook } from "../topology/runbook.ts";
import { fixedEndpoint, type Reach, type ServiceRef } from "./endpoint.ts";

/** Straight to the Services' addresses: for a machine that has a route to the cluster's service network, such as a pod or a VPN. */
export function clusterIpReach(config: KubeConfig): Reach {
  const api = config.makeApiClient(CoreV1Api);
  const service = async ({ namespace, name, port }: ServiceRef) => {
    const found = await api.readNamespacedService({ namespace, name }).catch((error: unknown) => {
      if (httpCode(error) === 404) return undefined;
      throw error;
    });
    const address = found?.spec?.clusterIP;
    if (address === undefined || address === "None") {
      throw new UnreadableError(
        `Service ${namespace}/${name} has no cluster IP`,
        `check that the Big Peer is deployed and Ready (${runbook("peer-not-ready")}), or give its URL (\`peers.<name>.api\`, --api, --management-api)`,
      );
    }
    // A Service with one port has no other, whatever number a release of the operator gives it.
    const ports = found?.spec?.ports?.map((each) => each.port) ?? [];
    const open = ports.length === 1 ? (ports[0] ?? port) : port;
    return fixedEndpoint(`http://${address.includes(":") ? `[${address}]` : address}:${open}`);
  };
  return { service, deployment: service };
}
