import type { Manifest } from "./manifests.ts";

/** An ingress-nginx controller, described by the names of its objects. */
export interface IngressController {
  readonly namespace: string;
  /** Name of its Service. */
  readonly service: string;
  /** Name of its Deployment or DaemonSet. @default the name of the Service */
  readonly deployment?: string;
  /** The kind of the object that `deployment` names. @default Deployment */
  readonly kind?: "Deployment" | "DaemonSet";
  /** Name of its container. @default controller */
  readonly container?: string;
  /** Name of the ConfigMap of TCP services in the controller's namespace, or `<namespace>/<name>` of one in another. */
  readonly configMap: string;
  /** True if it is reached at the ports of its nodes, so that no Service has to open any. @default false */
  readonly hostPorts?: boolean;
  /** PROXY protocol on the exposed ports. @default none */
  readonly proxyProtocol?: "none" | "decode" | "encode" | "both";
}

/** A port of the controller, and the Service to which it leads. */
export interface ExposedBackend {
  readonly port: number;
  /** The port of the Service is a text if it is known only later. */
  readonly backend: { readonly namespace: string; readonly service: string; readonly port: number | string };
}

/** Names of our ports on the controller's Service begin so; any other belongs to somebody else. */
export const exposedPortPrefix = "bigpeer-";

/** ingress-nginx: `<namespace>/<service>:<port>`, then `:PROXY` to decode and another `:PROXY` to encode. */
export function tcpServicesEntry(
  { backend }: ExposedBackend,
  proxyProtocol: IngressController["proxyProtocol"] = "none",
): string {
  const suffix = { none: "", decode: ":PROXY", encode: "::PROXY", both: ":PROXY:PROXY" }[proxyProtocol];
  return `${backend.namespace}/${backend.service}:${backend.port}${suffix}`;
}

/** The place of the ConfigMap of TCP services. */
export function tcpServicesPlace({ namespace, configMap }: Pick<IngressController, "namespace" | "configMap">): {
  namespace: string;
  name: string;
} {
  const slash = configMap.indexOf("/");
  return slash < 0
    ? { namespace, name: configMap }
    : { namespace: configMap.slice(0, slash), name: configMap.slice(slash + 1) };
}

/** Our keys of the ConfigMap of TCP services. */
export function tcpServicesManifest(controller: IngressController, exposures: readonly ExposedBackend[]): Manifest {
  const entries = exposures.map((exposure) => [
    String(exposure.port),
    tcpServicesEntry(exposure, controller.proxyProtocol),
  ]);
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: tcpServicesPlace(controller),
    data: Object.fromEntries(entries),
  };
}

/** Our ports of the controller's Service. */
export function exposedPortsManifest(
  controller: Pick<IngressController, "namespace" | "service">,
  exposures: readonly Pick<ExposedBackend, "port">[],
): Manifest {
  return {
    apiVersion: "v1",
    kind: "Service",
    // A ServicePatch would wait for endpoints and a load balancer that may take minutes and are not ours to make.
    metadata: {
      name: controller.service,
      namespace: controller.namespace,
      annotations: { "pulumi.com/skipAwait": "true" },
    },
    spec: {
      ports: exposures.map(({ port }) => ({
        name: `${exposedPortPrefix}${port}`,
        port,
        targetPort: port,
        protocol: "TCP",
      })),
    },
  };
}

/** The flag that makes the controller read the ConfigMap. */
export function tcpServicesFlag(controller: IngressController): string {
  const { namespace, name } = tcpServicesPlace(controller);
  return `--tcp-services-configmap=${namespace}/${name}`;
}

/** The controller's container with these arguments, all of them: they are one list to the API server. */
export function controllerArgumentsManifest(controller: IngressController, args: unknown): Manifest {
  const container = { name: controller.container ?? "controller", args };
  return {
    apiVersion: "apps/v1",
    kind: controller.kind ?? "Deployment",
    metadata: {
      name: controller.deployment ?? controller.service,
      namespace: controller.namespace,
      annotations: { "pulumi.com/patchForce": "true", "pulumi.com/skipAwait": "true" },
    },
    spec: { template: { spec: { containers: [container] } } },
  };
}

/** The same as values of the ingress-nginx Helm chart, for those who install with Helm. The chart sets the flag itself. */
export function helmValues(
  controller: IngressController,
  exposures: readonly ExposedBackend[],
): { tcp: Record<string, string> } {
  return {
    tcp: Object.fromEntries(
      exposures.map((exposure) => [String(exposure.port), tcpServicesEntry(exposure, controller.proxyProtocol)]),
    ),
  };
}
