import type { Way } from "../file/exposure.ts";
import type { PlannedExposure } from "../plan/plan.ts";
import type { PlannedShare, PlannedWay } from "../plan/share.ts";
import type { ClusterManifest, DeployedValues } from "./cluster-manifests.ts";
import { exposedPortsManifest, tcpServicesManifest } from "./exposure-manifests.ts";
import { gatewayManifest, routeManifests } from "./gateway-manifests.ts";
import type { Manifest } from "./manifests.ts";
import { givenBackend, loadBalancerManifest, nodePortManifest } from "./service-manifests.ts";
import { globalConfigurationManifest, transportServerManifest } from "./transport-server-manifests.ts";

/** Everything that exposes the targets of a cluster. What one target has alone comes from its replication, what all share from the cluster. */
export function exposingManifests(cluster: string, share: PlannedShare, values: DeployedValues): ClusterManifest[] {
  return share.ways.flatMap(({ way, exposures }) => [
    ...sharedManifests(way, exposures).map((each) => ({ ...each, source: ["clusters", cluster], way: way.kind })),
    ...exposures.flatMap((exposure) =>
      targetManifests(way, exposure, values).map((manifest) => ({
        ...{ manifest, role: "object" as const, way: way.kind },
        source: ["replications", exposure.replication],
      })),
    ),
  ]);
}

/** The manifests that exist once for all targets of a way. */
function sharedManifests(
  { kind, settings }: Way,
  exposures: PlannedWay["exposures"],
): Pick<ClusterManifest, "role" | "manifest">[] {
  switch (kind) {
    case "ingressNginx":
      return [
        { role: "patch", manifest: tcpServicesManifest(settings, exposures) },
        // If the controller listens on ports of its nodes, no Service opens any.
        ...(settings.hostPorts
          ? []
          : [{ role: "patch" as const, manifest: exposedPortsManifest(settings, exposures) }]),
      ];
    case "gateway":
      return settings.listeners === "gateway"
        ? [{ role: "object", manifest: gatewayManifest(settings, exposures) }]
        : [];
    case "transportServer":
      return [
        { role: "patch", manifest: exposedPortsManifest(settings, exposures) },
        ...(settings.manage === "listeners"
          ? [{ role: "patch" as const, manifest: globalConfigurationManifest(settings, exposures) }]
          : []),
      ];
    case "address":
    case "loadBalancer":
    case "nodePort":
      return [];
  }
}

/** The manifests for one target alone. */
function targetManifests({ kind, settings }: Way, exposure: PlannedExposure, values: DeployedValues): Manifest[] {
  switch (kind) {
    case "loadBalancer":
      return [loadBalancerManifest(settings, exposure, givenBackend(exposure) ?? values.serviceBackend(exposure))];
    case "nodePort":
      return [nodePortManifest(settings, exposure, givenBackend(exposure) ?? values.serviceBackend(exposure))];
    case "gateway":
      return routeManifests(settings, exposure);
    case "transportServer":
      return [transportServerManifest(settings, exposure)];
    case "ingressNginx":
    case "address":
      return [];
  }
}
