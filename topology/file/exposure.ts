import { z } from "zod";
import { advised } from "./advised.ts";
import { filled, named, onePort, portRange, template } from "./exposure-fields.ts";

/**
 * How the targets of a cluster are reached from other clusters. In the file, each way is a mapping with exactly one
 * key; what is read is a discriminated union, so that the compiler sees to it that everything after it handles every
 * way.
 */

const externalTrafficPolicy = z
  .enum(["Cluster", "Local"])
  .optional()
  .describe(
    "`Local` keeps the client's address and reaches only nodes that run a pod. Default: Kubernetes' (`Cluster`).",
  );

const backend = z
  .strictObject({
    selector: z.record(z.string().min(1), template).describe(`Labels of the replication's pods; ${filled}.`),
    targetPort: z
      .union([onePort, z.string().min(1)])
      .describe("The port of these pods: a number, or the name of a port."),
  })
  .optional()
  .describe(
    "The pods behind each Service. Default: what the operator's own Service has, read from the cluster at each update. Only `render`, which asks no cluster, needs it here.",
  );

export const ingressNginx = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Name or address under which other clusters reach the controller. Default: its Service's load balancer.",
      ),
    ports: portRange.prefault("4040-5039").describe("The ports that may be given to replications, such as 4040-4139."),
    namespace: named("Namespace of the controller.", "ingress-nginx"),
    service: named("Name of the controller's Service.", "ingress-nginx-controller"),
    deployment: named("Name of the controller's Deployment or DaemonSet.", "ingress-nginx-controller"),
    kind: z
      .enum(["Deployment", "DaemonSet"])
      .default("Deployment")
      .describe("The kind of the object that `deployment` names, like the chart's `controller.kind`."),
    container: named("Name of the controller's container.", "controller"),
    configMap: named(
      "Name of the ConfigMap of TCP services in the controller's namespace, or `<namespace>/<name>`: the one that the controller's --tcp-services-configmap names. The Helm chart calls it `<release>-tcp`.",
      "tcp-services",
    ),
    manage: z
      .enum(["check", "arguments"])
      .default("check")
      .describe(
        "`check`: only check that the controller has --tcp-services-configmap; `arguments`: add it if the controller has none. An existing one is never changed.",
      ),
    hostPorts: z
      .boolean()
      .default(false)
      .describe(
        "The controller listens on ports of its nodes (host network or host ports), so that no Service has to open any. Requires a `host`.",
      ),
    forwarded: z
      .boolean()
      .default(false)
      .describe(
        "Something in front of the controller that Kubernetes does not know of, such as a router or a load balancer of your own, accepts the exposed ports under `host` and forwards them. The Service's type is then not checked.",
      ),
    listeners: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe(
        "How many ports the load balancer may have open, if that differs from its provider's default. Default: 50 on an AWS Network Load Balancer, 100 on a Classic one.",
      ),
    proxyProtocol: z
      .enum(["none", "decode", "encode", "both"])
      .default("none")
      .describe("PROXY protocol on the exposed ports."),
  })
  .describe("An ingress-nginx controller that exposes replications by TCP.");

const address = z
  .strictObject({
    host: template.describe(
      `Name or address under which other clusters reach the target; ${filled}: \`{service}.{namespace}.svc.clusterset.local\` in a mesh of clusters.`,
    ),
    port: onePort
      .optional()
      .describe("The port, if a replication does not set its own (`port`). Default: the operator's, 4040."),
  })
  .describe(
    "Somebody else exposes the targets: a private network, a VPN, a mesh, a load balancer that you set up by hand. Nothing is written.",
  );

const loadBalancer = z
  .strictObject({
    class: z.string().min(1).optional().describe("`spec.loadBalancerClass`. It cannot change once the Service exists."),
    annotations: z
      .record(z.string().min(1), template)
      .optional()
      .describe(`Annotations of each Service, as the cloud's controller reads them; ${filled}.`),
    externalTrafficPolicy,
    sourceRanges: z
      .array(z.string().regex(/^[0-9a-fA-F.:]+\/\d{1,3}$/, "is not an address range such as 203.0.113.0/24"))
      .min(1)
      .optional()
      .describe(
        "The address ranges that are let in, such as 203.0.113.0/24: those of your other clusters. Default: everybody.",
      ),
    host: template
      .optional()
      .describe(
        `Name under which other clusters reach the Service; ${filled}. Default: the address in the Service's status.`,
      ),
    ports: portRange
      .optional()
      .describe(
        "Ports to give to replications, where Services share one address. Default: each has the operator's port, 4040.",
      ),
    backend,
  })
  .describe(
    "A Service of type LoadBalancer for each target, and so a load balancer for each: a replication has pods of its own, and a Service has one selector.",
  );

const nodePort = z
  .strictObject({
    host: template.describe(`Name or address of a node, or of what is in front of the nodes; ${filled}.`),
    ports: portRange
      .prefault("30000-32767")
      .describe("The node ports that may be given to replications, within the API server's --service-node-port-range."),
    externalTrafficPolicy,
    backend,
  })
  .describe("A Service of type NodePort for each target.");

const gateway = advised(
  z.strictObject({
    name: z.string().min(1).describe("Name of the Gateway."),
    namespace: z.string().min(1).describe("Namespace of the Gateway."),
    listeners: z
      .enum(["listenerSet", "gateway", "existing"])
      .default("listenerSet")
      .describe(
        "Where the TCP listeners are: `listenerSet`, a ListenerSet for each target beside a Gateway that the platform team keeps; `gateway`, in a Gateway that this topology owns; `existing`, in the Gateway already.",
      ),
    className: z.string().min(1).optional().describe("The GatewayClass of a Gateway that this topology owns."),
    listener: template.default("bigpeer-{port}").describe(`Name of the listener of each target; ${filled}.`),
    routeVersion: z
      .enum(["v1", "v1alpha2"])
      .default("v1")
      .describe("Version of the TCPRoute: `v1` since Gateway API 1.6, `v1alpha2` (experimental channel) before."),
    ports: portRange.prefault("4040-5039").describe("The ports that may be given to replications, such as 4040-4139."),
    host: template
      .optional()
      .describe(
        `Name or address under which other clusters reach the Gateway; ${filled}. Default: the address in its status.`,
      ),
  }),
  ({ listeners, className }) => (listeners === "gateway") === (className !== undefined),
  {
    what: "names a GatewayClass for somebody else's Gateway, or none for its own",
    why: "a Gateway needs a class, and only one that this topology owns gets it from here",
    fix: "write `listeners: gateway` and `className` together, or neither of them",
  },
).describe("A Gateway of the Gateway API: a TCPRoute for each target.");

const transportServer = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Name or address under which other clusters reach the controller. Default: its Service's load balancer.",
      ),
    ports: portRange.prefault("4040-5039").describe("The ports that may be given to replications, such as 4040-4139."),
    ingressClass: z
      .string()
      .min(1)
      .optional()
      .describe(
        "`spec.ingressClassName` of each TransportServer. Default: left out, for a cluster with one controller.",
      ),
    namespace: named("Namespace of the controller.", "nginx-ingress"),
    service: named("Name of the controller's Service.", "nginx-ingress"),
    globalConfiguration: named(
      "Name of the controller's GlobalConfiguration, in its namespace.",
      "nginx-configuration",
    ),
    manage: z
      .enum(["check", "listeners"])
      .default("check")
      .describe(
        "`check`: only check that the GlobalConfiguration has the listeners; `listeners`: own its list of listeners, if nobody else has any in it.",
      ),
  })
  .describe("F5 NGINX Ingress Controller: a TransportServer for each target.");

const ways = { ingressNginx, address, loadBalancer, nodePort, gateway, transportServer };

/** Every way in which a target can be exposed, as the file calls it. */
export type WayKind = keyof typeof ways;
export type WaySettings<K extends WayKind> = z.output<(typeof ways)[K]>;

/** How a target is exposed: one of the ways with its settings. */
export type Way = { readonly [K in WayKind]: { readonly kind: K; readonly settings: WaySettings<K> } }[WayKind];
export type WayOf<K extends WayKind> = Extract<Way, { kind: K }>;

const exampleOfAll = Object.keys(ways)
  .map((key) => `\`${key}\``)
  .join(", ");

/** One way, as the file writes it: a mapping with one key. */
export const exposure = advised(z.strictObject(ways).partial(), (value) => kindsOf(value).length === 1, {
  what: "is not one way of exposing targets",
  why: "with two ways in one entry it would be unclear which one is dialled, and with none there is nothing to dial",
  fix: `write exactly one of ${exampleOfAll}; two ways have two names in \`exposures\``,
})
  .transform((value): Way => {
    const { ingressNginx, address, loadBalancer, nodePort, gateway, transportServer } = value;
    if (ingressNginx) return { kind: "ingressNginx", settings: ingressNginx };
    if (address) return { kind: "address", settings: address };
    if (loadBalancer) return { kind: "loadBalancer", settings: loadBalancer };
    if (nodePort) return { kind: "nodePort", settings: nodePort };
    if (gateway) return { kind: "gateway", settings: gateway };
    if (transportServer) return { kind: "transportServer", settings: transportServer };
    throw new Error("an exposure without a way passed the check for one");
  })
  .describe("One way in which targets are reached from other clusters.");

function kindsOf(value: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(value).filter((key) => value[key] !== undefined);
}

/** Names of ways: one, or several of which the first is dialled. */
export const wayNames = z.union([
  z
    .string()
    .min(1)
    .transform((only) => [only]),
  z.array(z.string().min(1)).min(1),
]);

export type Ingress = z.output<typeof ingressNginx>;
