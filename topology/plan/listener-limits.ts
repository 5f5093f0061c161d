import type { Ingress } from "../file/exposure.ts";

/** How many ports a load balancer may have open. */
export interface ListenerLimit {
  readonly balancer: string;
  readonly ports: number;
}

/** AWS: "Quotas for your Network Load Balancers", "Quotas for your Classic Load Balancers". */
const networkLoadBalancer: ListenerLimit = { balancer: "AWS Network Load Balancer", ports: 50 };
const classicLoadBalancer: ListenerLimit = { balancer: "AWS Classic Load Balancer", ports: 100 };

/** AWS gives a Network Load Balancer a name of `.elb.<region>`, and a Classic one a name of `.<region>.elb`. */
const hosts: readonly (readonly [RegExp, ListenerLimit])[] = [
  [/\.elb\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\.?$/i, networkLoadBalancer],
  [/\.[a-z0-9-]+\.elb\.amazonaws\.com(\.cn)?\.?$/i, classicLoadBalancer],
];

const typeAnnotation = "service.beta.kubernetes.io/aws-load-balancer-type";

/** Ports of a controller that are open in addition to the exposed ones: HTTP and HTTPS. */
export const ownListeners = 2;

/**
 * The limit of the load balancer in front of a controller. Undefined: no limit is known.
 * @param live the Service's status and annotations, where they are known
 */
export function listenerLimit(
  { host, listeners, forwarded, hostPorts }: Pick<Ingress, "host" | "listeners" | "forwarded" | "hostPorts">,
  live: { readonly address?: string | undefined; readonly annotations?: Readonly<Record<string, string>> } = {},
): ListenerLimit | undefined {
  if (listeners !== undefined) return { balancer: "load balancer", ports: listeners };
  if (forwarded || hostPorts) return undefined;
  // The deployed host name says more than one that the file gives.
  for (const name of [live.address, host])
    for (const [pattern, limit] of hosts) if (name !== undefined && pattern.test(name)) return limit;
  const type = live.annotations?.[typeAnnotation];
  return type !== undefined && /^(nlb|nlb-ip|external)$/.test(type) ? networkLoadBalancer : undefined;
}
