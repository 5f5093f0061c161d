import type { WaySettings } from "../file/exposure.ts";
import type { PlannedExposure } from "../plan/plan.ts";
import { exposedPortPrefix } from "./exposure-manifests.ts";
import type { Manifest } from "./manifests.ts";
import { unawaited } from "./unawaited.ts";

/** API group and version of F5 NGINX Ingress Controller. */
export const nginxApiVersion = "k8s.nginx.org/v1";

/** Name of the definition of TransportServers. */
export const transportServerDefinition = "transportservers.k8s.nginx.org";

/** F5 NGINX Ingress Controller, described by the names of its objects. */
export type TransportController = Omit<WaySettings<"transportServer">, "host" | "ports">;

/** The parts of an exposure that name the objects of one target. */
export type TransportTarget = Pick<PlannedExposure, "object" | "port" | "names" | "backend">;

/** A TransportServer for one target. It is in the namespace of the target's Service: an upstream has no other. */
export function transportServerManifest({ ingressClass }: TransportController, target: TransportTarget): Manifest {
  const { namespace, service, port } = target.backend;
  const upstream = "replication";
  return {
    apiVersion: nginxApiVersion,
    kind: "TransportServer",
    metadata: unawaited(target.object, namespace, target.names),
    spec: {
      ...(ingressClass === undefined ? {} : { ingressClassName: ingressClass }),
      listener: { name: transportListener(target).name, protocol: "TCP" },
      upstreams: [{ name: upstream, service, port }],
      action: { pass: upstream },
    },
  };
}

/** The listener of a target, as the GlobalConfiguration has it. */
export function transportListener({ port }: Pick<TransportTarget, "port">) {
  return { name: `${exposedPortPrefix}${port}`, port, protocol: "TCP" };
}

/**
 * The listeners of a GlobalConfiguration: the whole list, which Kubernetes takes for one value, so that whoever applies it has it alone.
 */
export function globalConfigurationManifest(
  { globalConfiguration, namespace }: Pick<TransportController, "globalConfiguration" | "namespace">,
  targets: readonly Pick<TransportTarget, "port">[],
): Manifest {
  return {
    apiVersion: nginxApiVersion,
    kind: "GlobalConfiguration",
    metadata: {
      name: globalConfiguration,
      namespace,
      // Helm owns the list as an empty one. That no listener of anybody else is in it has been seen before each update.
      annotations: { "pulumi.com/patchForce": "true", "pulumi.com/skipAwait": "true" },
    },
    spec: { listeners: targets.map(transportListener) },
  };
}
