import type { WayOf, WaySettings } from "../file/exposure.ts";
import { fillNames } from "../plan/exposures.ts";
import type { PlannedExposure } from "../plan/plan.ts";
import type { Manifest } from "./manifests.ts";
import { unawaited } from "./unawaited.ts";

/** Group of the Gateway API. */
export const gatewayGroup = "gateway.networking.k8s.io";

/** A Gateway may have that many listeners (its definition: `maxItems`). */
export const maxListeners = 64;

/** The kinds that routes by a Gateway take, each with the version that is written. */
export function gatewayKinds({ settings: { listeners, routeVersion } }: WayOf<"gateway">) {
  return [
    { kind: "TCPRoute", plural: "tcproutes", version: routeVersion },
    ...(listeners === "listenerSet" ? [{ kind: "ListenerSet", plural: "listenersets", version: "v1" }] : []),
    ...(listeners === "gateway" ? [{ kind: "Gateway", plural: "gateways", version: "v1" }] : []),
  ];
}

/** The definitions of these kinds. */
export function gatewayDefinitions(way: WayOf<"gateway">): string[] {
  return gatewayKinds(way).map(({ plural }) => `${plural}.${gatewayGroup}`);
}

/** The settings from which a Gateway's objects are made. */
export type GatewaySettings = Omit<WaySettings<"gateway">, "host" | "ports">;

/** The parts of an exposure that name the objects of one target. */
export type RoutedTarget = Pick<PlannedExposure, "object" | "port" | "names" | "backend">;

/**
 * The listener and the route of one target. The route is in the namespace of the target's Service, so no ReferenceGrant is needed: a Gateway
 * or a ListenerSet allows routes of other namespaces by itself.
 */
export function routeManifests(settings: GatewaySettings, target: RoutedTarget): Manifest[] {
  const route = tcpRouteManifest(settings, target);
  return settings.listeners === "listenerSet" ? [listenerSetManifest(settings, target), route] : [route];
}

/** A TCPRoute from the listener of a target to the operator's Service. */
export function tcpRouteManifest(settings: GatewaySettings, target: RoutedTarget): Manifest {
  const { namespace, service, port } = target.backend;
  const sectionName = listenerName(settings, target);
  const parent =
    settings.listeners === "listenerSet"
      ? { group: gatewayGroup, kind: "ListenerSet", name: target.object, sectionName }
      : { group: gatewayGroup, kind: "Gateway", name: settings.name, namespace: settings.namespace, sectionName };
  return {
    apiVersion: `${gatewayGroup}/${settings.routeVersion}`,
    kind: "TCPRoute",
    metadata: unawaited(target.object, namespace, target.names),
    spec: { parentRefs: [parent], rules: [{ backendRefs: [{ name: service, port }] }] },
  };
}

/** A listener beside those of a Gateway that stays somebody else's. One for each target, so that none waits for another. */
export function listenerSetManifest(settings: GatewaySettings, target: RoutedTarget): Manifest {
  const { name, namespace } = settings;
  return {
    apiVersion: `${gatewayGroup}/v1`,
    kind: "ListenerSet",
    metadata: unawaited(target.object, target.backend.namespace, target.names),
    spec: {
      parentRef: { group: gatewayGroup, kind: "Gateway", name, namespace },
      listeners: [tcpListener(settings, target, "Same")],
    },
  };
}

/** A Gateway of ours with the listener of every target. */
export function gatewayManifest(settings: GatewaySettings, targets: readonly RoutedTarget[]): Manifest {
  const { name, namespace, className } = settings;
  return {
    apiVersion: `${gatewayGroup}/v1`,
    kind: "Gateway",
    metadata: {
      name,
      namespace,
      labels: { "app.kubernetes.io/managed-by": "bigpeer-topology" },
      annotations: { "pulumi.com/patchForce": "true", "pulumi.com/skipAwait": "true" },
    },
    spec: {
      gatewayClassName: className,
      listeners: targets.map((target) => tcpListener(settings, target, "All")),
    },
  };
}

/** Name of the listener of a target. */
export function listenerName({ listener }: Pick<GatewaySettings, "listener">, target: RoutedTarget): string {
  return fillNames(listener, target.names);
}

function tcpListener(settings: GatewaySettings, target: RoutedTarget, from: "Same" | "All") {
  return {
    name: listenerName(settings, target),
    port: target.port,
    protocol: "TCP",
    allowedRoutes: { kinds: [{ group: gatewayGroup, kind: "TCPRoute" }], namespaces: { from } },
  };
}
