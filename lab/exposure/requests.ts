/** The parts besides ingress-nginx by which a cluster of the lab exposes targets. A cluster has only those that are asked for. */
import { z } from "zod";

const namedService = z.strictObject({ namespace: z.string(), name: z.string() });

/** A controller of load balancers, as a cloud or MetalLB runs one. */
const loadBalancerClass = z.strictObject({
  /** Takes Services with this `spec.loadBalancerClass`; without a name, those that have none. */
  name: z.string().min(1).optional(),
  /** The number of ports of a Service that it serves. AWS' Network Load Balancer has 50 listeners. */
  listenerLimit: z.int().positive().optional(),
  /** The kind of address that it writes into the status: an IP address, or a host name as AWS does. */
  status: z.enum(["ip", "hostname"]).default("ip"),
});
export type LoadBalancerClass = z.output<typeof loadBalancerClass>;

const loadBalancersSchema = z.strictObject({
  classes: z.array(loadBalancerClass).min(1).prefault([{}]),
  /** Public host names and the Services that they lead to. The annotation of external-dns gives a Service a name, too. */
  hosts: z.array(namedService.extend({ host: z.string() })).default([]),
});
export type LoadBalancersRequest = z.output<typeof loadBalancersSchema>;

const nodePortsSchema = z.strictObject({
  /** Public host names that lead to the address which stands for all nodes. */
  hosts: z.array(z.string()).default([]),
});

const gatewaySchema = z.strictObject({
  namespace: z.string(),
  name: z.string(),
  /** Public host names that lead to its address. */
  hosts: z.array(z.string()).default([]),
  /** That of somebody else, which the lab makes; left out for one that is applied later. */
  installed: z
    .strictObject({
      className: z.string().min(1),
      /** TCP listeners that every namespace may attach routes to. */
      listeners: z.array(z.strictObject({ name: z.string(), port: z.int() })).default([]),
      /** The namespaces from which it takes ListenerSets. */
      allowedListeners: z.enum(["All", "Same", "None"]).default("All"),
    })
    .optional(),
});
export type GatewayRequest = z.output<typeof gatewaySchema>;

const gatewayPartSchema = z.strictObject({
  /** The definitions that are installed. Only the experimental ones serve TCPRoute v1alpha2. */
  channel: z.enum(["standard", "experimental"]).default("standard"),
  /** GatewayClasses of the lab's controller. */
  classes: z.array(z.string().min(1)).min(1),
  gateways: z.array(gatewaySchema).default([]),
});
export type GatewayPartRequest = z.output<typeof gatewayPartSchema>;

const nginxF5Schema = z.strictObject({
  /** The namespace of the controller, its Service and its GlobalConfiguration. */
  namespace: z.string().default("nginx-ingress"),
  service: z.string().default("nginx-ingress"),
  globalConfiguration: z.string().default("nginx-configuration"),
  ingressClass: z.string().default("nginx"),
  /** Public host name that leads to it. */
  host: z.string().optional(),
  /** TCP listeners of the GlobalConfiguration that the lab makes. */
  listeners: z
    .array(
      z.strictObject({
        name: z.string(),
        port: z.int(),
        /** True if the controller's Service has the port, too; otherwise somebody opens it later. */
        open: z.boolean().default(true),
      }),
    )
    .default([]),
  /** Folder with the definitions of the controller's own release, as YAML. Left out: the lab's, which know the fields that it obeys. */
  definitions: z.string().optional(),
});
export type NginxF5Request = z.output<typeof nginxF5Schema>;

const forwardSchema = z.strictObject({
  /** Public host name or address, and the port that is open there. */
  host: z.string(),
  port: z.int(),
  /** The Service that it leads to. */
  namespace: z.string(),
  service: z.string(),
  servicePort: z.int(),
});
export type ForwardRequest = z.output<typeof forwardSchema>;

/** Parts of a cluster, each there only where it is asked for. */
export const exposureParts = {
  /** Gateway API: its real definitions, and a controller that serves TCPRoutes. */
  gateway: gatewayPartSchema.optional(),
  /** An address for each Service of type LoadBalancer. */
  loadBalancers: loadBalancersSchema.optional(),
  /** An address of a node on which node ports are served. */
  nodePorts: nodePortsSchema.optional(),
  /** F5 NGINX Ingress Controller, as far as TransportServers go. */
  nginxF5: nginxF5Schema.optional(),
  /** Addresses by which somebody else has exposed Services: a VPN, a mesh, a load balancer by hand. */
  forwards: z.array(forwardSchema).min(1).optional(),
};
const partsSchema = z.strictObject(exposureParts);
export type ExposureParts = z.output<typeof partsSchema>;
