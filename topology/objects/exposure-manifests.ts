import type { Manifest } from "./manifests.ts";

/** An ingress-nginx controller by the names of its objects. All in one namespace. */
export interface IngressController {
  readonly namespace: string;
  /** Name of its Service. */
  readonly service: string;
  /** Name of its Deployment. @default the Service's */
  readonly deployment?: string;
  /** Name of its container. @default controller */
  readonly container?: string;
  /** Name of the ConfigMap of TCP services. */
  readonly configMap: string;
  /** PROXY protocol on the exposed ports. @default none */
  readonly proxyProtocol?: "none" | "decode" | "encode" | "both";
}

/** A port of the controller and the Service that it leads to. */
export interface ExposedBackend {
  readonly port: number;
  readonly backend: { readonly namespace: string; readonly service: string; readonly port: number };
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

/** Our keys of the ConfigMap of TCP services. */
export function tcpServicesManifest(controller: IngressController, exposures: readonly ExposedBackend[]): Manifest {
  const entries = exposures.map((exposure) => [
    String(exposure.port),
    tcpServicesEntry(exposure, controller.proxyProtocol),
  ]);
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: controller.configMap, namespace: controller.namespace },
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
  return `--tcp-services-configmap=${controller.namespace}/${controller.configMap}`;
}

/** The controller's arguments with our flag, every other one kept in its place. */
function withTcpServicesFlag(controller: IngressController, current: readonly string[]): string[] {
  const others = current.filter((argument) => !argument.startsWith("--tcp-services-configmap"));
  const flag = tcpServicesFlag(controller);
  return current.includes(flag) ? [...current] : [...others, flag];
}

export function controllerArgumentsManifest(controller: IngressController, current: readonly string[]): Manifest {
  const container = { name: controller.container ?? "controller", args: withTcpServicesFlag(controller, current) };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
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
