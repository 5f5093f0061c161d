import type { ControllerService, ReadObject } from "../../program/read-controller.ts";

/** The objects of one installation of ingress-nginx, by kind, in the shape in which it makes them. */
export type Installation = Partial<Record<Parameters<ReadObject>[0], unknown>>;

/** Reads an installation's objects as a cluster would give them. */
export function readerOf(installation: Installation): ReadObject {
  return async (kind) => installation[kind];
}

/** A controller's Service with a load balancer, as it is read. */
export function serviceWith(changes: Partial<ControllerService>): ControllerService {
  const ports = changes.ports ?? [];
  return {
    ...{ type: "LoadBalancer", externalIPs: [], annotations: {}, loadBalancerClass: undefined, warning: undefined },
    ...{ address: "192.0.2.1", ports, allPorts: ports },
    ...changes,
  };
}

const podEnvironment = [
  { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
  { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
];

interface Chart {
  readonly release?: string;
  /** The chart's `tcp` values. */
  readonly tcp?: Readonly<Record<number, string>>;
  readonly kind?: "Deployment" | "DaemonSet";
  readonly containerName?: string;
  readonly hostNetwork?: boolean;
  readonly hostPort?: boolean;
  readonly service?: Readonly<Record<string, unknown>> | false;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly arguments?: readonly string[];
}

/** What the Helm chart makes of such values. */
export function chart({ release = "ingress-nginx", tcp = {}, kind = "Deployment", ...values }: Chart): Installation {
  const ports = Object.keys(tcp).map(Number);
  const hostPort = (port: number) => (values.hostPort ? { hostPort: port } : {});
  return {
    [kind]: {
      spec: {
        template: {
          spec: {
            ...(values.hostNetwork ? { hostNetwork: true } : {}),
            containers: [
              {
                name: values.containerName ?? "controller",
                args: [
                  "/nginx-ingress-controller",
                  `--publish-service=$(POD_NAMESPACE)/${release}-controller`,
                  ...(ports.length > 0 ? [`--tcp-services-configmap=$(POD_NAMESPACE)/${release}-tcp`] : []),
                  ...(values.arguments ?? []),
                ],
                env: podEnvironment,
                ports: [
                  { name: "http", containerPort: 80, ...hostPort(80) },
                  { name: "https", containerPort: 443, ...hostPort(443) },
                  ...ports.map((port) => ({ name: `${port}-tcp`, containerPort: port, ...hostPort(port) })),
                ],
              },
            ],
          },
        },
      },
    },
    ...(values.service === false
      ? {}
      : {
          Service: {
            metadata: { annotations: values.annotations ?? {} },
            spec: {
              type: "LoadBalancer",
              ports: [
                { name: "http", port: 80, targetPort: "http", protocol: "TCP" },
                { name: "https", port: 443, targetPort: "https", protocol: "TCP" },
                ...ports.map((port) => ({ name: `${port}-tcp`, port, targetPort: `${port}-tcp`, protocol: "TCP" })),
              ],
              ...values.service,
            },
            status: values.status ?? { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
          },
        }),
    ...(ports.length > 0 ? { ConfigMap: { data: tcp } } : {}),
  };
}

/** The plain manifest for bare metal: a Service of type NodePort, and no ConfigMap of TCP services. */
export const bareMetal: Installation = chart({
  service: {
    type: "NodePort",
    ports: [
      { name: "http", port: 80, targetPort: "http", nodePort: 30080 },
      { name: "https", port: 443, targetPort: "https", nodePort: 30443 },
      { name: "bigpeer-4117", port: 4117, targetPort: 4117, nodePort: 31234 },
    ],
  },
  status: { loadBalancer: {} },
  arguments: ["--tcp-services-configmap=ingress-nginx/tcp-services"],
});

/** RKE2's own: a DaemonSet with host ports in kube-system, and no Service. */
export function rke2(tcp: Readonly<Record<number, string>> = {}): Installation {
  return chart({
    ...{ release: "rke2-ingress-nginx", kind: "DaemonSet", containerName: "rke2-ingress-nginx-controller" },
    ...{ hostPort: true, service: false, tcp },
  });
}
