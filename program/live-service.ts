import { z } from "zod";
import { liveForm } from "./live-form.ts";

const form = z.object({
  metadata: z.object({ annotations: z.record(z.string(), z.string()).default({}) }).prefault({}),
  spec: z
    .object({
      type: z.string().default("ClusterIP"),
      loadBalancerClass: z.string().optional(),
      selector: z.record(z.string(), z.string()).optional(),
      externalIPs: z.array(z.string()).default([]),
      ports: z
        .array(
          z.object({
            name: z.string().optional(),
            port: z.number(),
            targetPort: z.union([z.number(), z.string()]).optional(),
            nodePort: z.number().optional(),
            protocol: z.string().default("TCP"),
          }),
        )
        .default([]),
    })
    .prefault({}),
  status: z
    .object({
      loadBalancer: z
        .object({
          ingress: z.array(z.object({ ip: z.string().optional(), hostname: z.string().optional() })).optional(),
        })
        .optional(),
    })
    .optional(),
});

/** A port of a Service in its cluster. */
export interface LivePort {
  readonly name?: string | undefined;
  readonly port: number;
  /** @default `port` */
  readonly targetPort?: number | string | undefined;
  readonly nodePort?: number | undefined;
}

/** A Service as it is in its cluster. */
export interface LiveService {
  readonly type: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly loadBalancerClass: string | undefined;
  readonly selector: Readonly<Record<string, string>> | undefined;
  /** The ports of every protocol, in the order of the list. */
  readonly ports: readonly (LivePort & { readonly protocol: string })[];
  /** Host name or IP of its load balancer. */
  readonly loadBalancer: string | undefined;
  /** Addresses that something outside of Kubernetes leads to its nodes. */
  readonly externalIPs: readonly string[];
}

/** Reads what an API server gives as a Service; undefined: it is not there.
 * @throws Error if it is not of a Service's form */
export function liveService(object: unknown, place: string): LiveService | undefined {
  if (object === undefined) return undefined;
  const { metadata, spec, status } = liveForm(form, object, `Service ${place}`);
  const [balancer] = status?.loadBalancer?.ingress ?? [];
  const loadBalancer = balancer?.hostname ?? balancer?.ip;
  const { type, loadBalancerClass, selector, ports, externalIPs } = spec;
  return { type, annotations: metadata.annotations, loadBalancerClass, selector, ports, loadBalancer, externalIPs };
}
