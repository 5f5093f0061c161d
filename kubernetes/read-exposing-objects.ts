import { CustomObjectsApi } from "@kubernetes/client-node";
import { z } from "zod";
import { httpCode } from "./failure.ts";
import type { KubeconfigSource } from "./kubeconfig.ts";
import { limitedRequests } from "./limited-requests.ts";
import { readServices } from "./read-services.ts";
import { unreadable } from "./unreadable.ts";

const list = z.looseObject({ items: z.array(z.looseObject({})) });

/** The custom resources by which Gateway API and F5 NGINX Ingress Controller expose Services, with the versions that are looked for, the newest first. */
const kinds = {
  tcpRoutes: { group: "gateway.networking.k8s.io", plural: "tcproutes", versions: ["v1", "v1alpha2"] },
  listenerSets: { group: "gateway.networking.k8s.io", plural: "listenersets", versions: ["v1"] },
  gateways: { group: "gateway.networking.k8s.io", plural: "gateways", versions: ["v1"] },
  transportServers: { group: "k8s.nginx.org", plural: "transportservers", versions: ["v1"] },
  globalConfigurations: { group: "k8s.nginx.org", plural: "globalconfigurations", versions: ["v1"] },
} as const;

type ListedObjects = Readonly<Record<keyof typeof kinds | "services", readonly unknown[]>>;

/** Lists the Services of a cluster, and what routes to them. What the cluster does not serve is an empty list.
 * @throws UnreadableError if the cluster cannot be reached or refuses */
export async function readExposingObjects(source: KubeconfigSource): Promise<ListedObjects> {
  const api = new CustomObjectsApi(limitedRequests(source));
  const listed = async ({ group, plural, versions }: (typeof kinds)[keyof typeof kinds]): Promise<unknown[]> => {
    for (const version of versions) {
      try {
        const { items } = list.parse(await api.listClusterCustomObject({ group, version, plural }));
        return items.map((item) => ({ apiVersion: `${group}/${version}`, ...item }));
      } catch (error) {
        if (httpCode(error) === 404) continue;
        throw unreadable(`the ${plural}`, error, source, `list ${plural}.${group}`);
      }
    }
    return [];
  };
  const [services, tcpRoutes, listenerSets, gateways, transportServers, globalConfigurations] = await Promise.all([
    readServices(source).then((all) => list.parse(all).items),
    listed(kinds.tcpRoutes),
    listed(kinds.listenerSets),
    listed(kinds.gateways),
    listed(kinds.transportServers),
    listed(kinds.globalConfigurations),
  ]);
  return { services, tcpRoutes, listenerSets, gateways, transportServers, globalConfigurations };
}
