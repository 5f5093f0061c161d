/** The clusters that a lab has to have for a topology. */
import { tcpServicesPlace } from "../topology/objects/exposure-manifests.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { shareOf } from "../topology/plan/share.ts";
import { exposureNamespaces, exposurePartsOf } from "./exposure/topology-parts.ts";
import type { LabClusterRequest } from "./supervisor-messages.ts";

export function labClusters(plan: Plan): LabClusterRequest[] {
  return [...plan.clusters.values()].map((cluster) => {
    const ingresses = [...cluster.ingresses.values()];
    const { peers } = shareOf(plan, cluster.name);
    const namespaces = [
      // The first one becomes the context's default namespace.
      cluster.namespace,
      plan.operator.managementApi.namespace,
      ...peers.map(({ namespace }) => namespace),
      ...ingresses.flatMap((ingress) => [ingress.namespace, tcpServicesPlace(ingress).namespace]),
      ...exposureNamespaces(cluster),
    ];
    return {
      name: cluster.name,
      context: cluster.context,
      namespaces: [...new Set(namespaces)],
      ingresses: ingresses.map(
        ({ namespace, service, deployment, kind, container, configMap, hostPorts, host, manage }) => ({
          namespace,
          service,
          deployment,
          kind,
          container,
          configMap,
          hostPorts,
          ...(host === undefined ? {} : { host }),
          // With `manage: check` somebody has set the flag before.
          flag: manage === "check",
        }),
      ),
      ...exposurePartsOf(plan, cluster),
    };
  });
}
