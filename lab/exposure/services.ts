/**
 * Services and what is behind them. A lab has no pods: the stand-in of the operator listens on the ClusterIPs of its own Services. Here
 * each of these stands for a pod that has the labels which its Service selects, and that address. Kubernetes' EndpointSlices cannot
 * say so, since the API server refuses loopback addresses in them.
 */
import { z } from "zod";
import { managedBy } from "../operator/cluster-objects.ts";
import type { WatchedObject } from "../operator/object-cache.ts";

const portSchema = z.looseObject({
  name: z.string().default(""),
  port: z.number(),
  targetPort: z.union([z.number(), z.string()]).optional(),
  nodePort: z.number().optional(),
  protocol: z.string().default("TCP"),
});
export type ServicePort = z.output<typeof portSchema>;

const specSchema = z.looseObject({
  type: z.string().default("ClusterIP"),
  clusterIP: z.string().default(""),
  selector: z.record(z.string(), z.string()).default({}),
  ports: z.array(portSchema).default([]),
  loadBalancerClass: z.string().optional(),
  loadBalancerSourceRanges: z.array(z.string()).default([]),
});
export type ServiceSpec = z.output<typeof specSchema>;

export function serviceSpec(service: WatchedObject): ServiceSpec {
  return specSchema.parse(service.spec ?? {});
}

/** TCP ports of a Service. The lab forwards no other protocol. */
export function tcpPorts(spec: ServiceSpec): ServicePort[] {
  return spec.ports.filter(({ protocol }) => protocol === "TCP");
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The endpoints to which a Service sends connections on one of its ports: all pods that it selects, even those that do not listen there. */
export function endpointsOf(
  services: readonly WatchedObject[],
  service: WatchedObject,
  { port, targetPort = port }: ServicePort,
): Endpoint[] {
  const { selector, type } = serviceSpec(service);
  const wanted = Object.entries(selector);
  // The pods of the lab name no port, and a Service that selects nothing has no endpoints but those written by hand.
  if (typeof targetPort === "string" || wanted.length === 0 || type === "ExternalName") return [];
  return services
    .filter(({ metadata }) => metadata.namespace === service.metadata.namespace && isOperators(metadata.labels))
    .map(serviceSpec)
    .filter((pod) => pod.clusterIP !== "" && pod.clusterIP !== "None")
    .filter((pod) => wanted.every(([key, value]) => pod.selector[key] === value))
    .map((pod) => ({ host: pod.clusterIP, port: targetPort }));
}

function isOperators(labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(managedBy).every(([key, value]) => labels[key] === value);
}

/** One after another, as kube-proxy and load balancers spread connections. */
export class Rotation {
  #next = 0;

  pick<T>(among: readonly T[]): T | undefined {
    if (among.length === 0) return undefined;
    this.#next = (this.#next + 1) % among.length;
    return among[this.#next];
  }
}
