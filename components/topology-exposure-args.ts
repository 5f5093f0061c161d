import type { Input } from "@pulumi/pulumi";

/** One way in which targets are reached from other clusters. */
export interface TopologyExposure {
  /** An ingress-nginx controller that exposes replications by TCP. */
  readonly ingressNginx?: IngressNginxExposure | undefined;
  /** Somebody else exposes the targets: a private network, a VPN, a mesh, a load balancer that you set up by hand. Nothing is written. */
  readonly address?: AddressExposure | undefined;
  /** A Service of type LoadBalancer for each target. */
  readonly loadBalancer?: LoadBalancerExposure | undefined;
  /** A Service of type NodePort for each target. */
  readonly nodePort?: NodePortExposure | undefined;
  /** A Gateway of the Gateway API: a TCPRoute for each target. */
  readonly gateway?: GatewayApiExposure | undefined;
  /** F5 NGINX Ingress Controller: a TransportServer for each target. */
  readonly transportServer?: NginxF5Exposure | undefined;
}

/** An ingress-nginx controller that exposes replications by TCP. */
export interface IngressNginxExposure {
  /** Name or address under which other clusters reach the controller. @default its Service's load balancer */
  readonly host?: Input<string> | undefined;
  /** The ports that may be given to replications, such as 4040-4139. @default 4040-5039 */
  readonly ports?: string | undefined;
  /** Namespace of the controller. @default ingress-nginx */
  readonly namespace?: Input<string> | undefined;
  /** Name of the controller's Service. @default ingress-nginx-controller */
  readonly service?: Input<string> | undefined;
  /** Name of the controller's Deployment or DaemonSet. @default ingress-nginx-controller */
  readonly deployment?: Input<string> | undefined;
  /** The kind of the object that `deployment` names, like the chart's `controller.kind`. @default Deployment */
  readonly kind?: "Deployment" | "DaemonSet" | undefined;
  /** Name of the controller's container. @default controller */
  readonly container?: Input<string> | undefined;
  /**
   * Name of the ConfigMap of TCP services in the controller's namespace, or `<namespace>/<name>`: the one that the controller's
   * --tcp-services-configmap names. The Helm chart calls it `<release>-tcp`.
   * @default tcp-services
   */
  readonly configMap?: Input<string> | undefined;
  /**
   * `check`: only check that the controller has --tcp-services-configmap; `arguments`: add it if the controller has none. An existing one is never
   * changed.
   * @default check
   */
  readonly manage?: "check" | "arguments" | undefined;
  /**
   * The controller listens on ports of its nodes (host network or host ports), so that no Service has to open any. Requires a `host`.
   * @default false
   */
  readonly hostPorts?: boolean | undefined;
  /**
   * Something in front of the controller that Kubernetes does not know of, such as a router or a load balancer of your own, accepts the exposed
   * ports under `host` and forwards them. The Service's type is then not checked.
   * @default false
   */
  readonly forwarded?: boolean | undefined;
  /**
   * How many ports the load balancer may have open, if that differs from its provider's default.
   * @default 50 on an AWS Network Load Balancer, 100 on a Classic one
   */
  readonly listeners?: number | undefined;
  /** PROXY protocol on the exposed ports. @default none */
  readonly proxyProtocol?: "none" | "decode" | "encode" | "both" | undefined;
}

/** Somebody else exposes the targets: a private network, a VPN, a mesh, a load balancer that you set up by hand. Nothing is written. */
export interface AddressExposure {
  /**
   * Name or address under which other clusters reach the target; {peer}, {replication}, {service}, {namespace} and {port} are filled in:
   * `{service}.{namespace}.svc.clusterset.local` in a mesh of clusters.
   */
  readonly host: Input<string>;
  /** The port, if a replication does not set its own (`port`). @default the operator's, 4040 */
  readonly port?: number | undefined;
}

/** A Service of type LoadBalancer for each target. */
export interface LoadBalancerExposure {
  /** `spec.loadBalancerClass`. It cannot change once the Service exists. */
  readonly class?: Input<string> | undefined;
  /**
   * Annotations of each Service, as the cloud's controller reads them; {peer}, {replication}, {service}, {namespace} and {port} are filled
   * in.
   */
  readonly annotations?: Readonly<Record<string, Input<string>>> | undefined;
  /** `Local` keeps the client's address and reaches only nodes that run a pod. @default Kubernetes' (`Cluster`) */
  readonly externalTrafficPolicy?: "Cluster" | "Local" | undefined;
  /** The address ranges that are let in, such as 203.0.113.0/24: those of your other clusters. @default everybody */
  readonly sourceRanges?: readonly Input<string>[] | undefined;
  /**
   * Name under which other clusters reach the Service; {peer}, {replication}, {service}, {namespace} and {port} are filled in.
   * @default the address in the Service's status
   */
  readonly host?: Input<string> | undefined;
  /** Ports to give to replications, where Services share one address. @default each has the operator's port, 4040 */
  readonly ports?: string | undefined;
  /**
   * The pods behind each Service.
   * @default what the operator's own Service has, read from the cluster at each update. Only `render`, which asks no cluster, needs it here
   */
  readonly backend?: ExposedPods | undefined;
}

/**
 * The pods behind each Service. Default: what the operator's own Service has, read from the cluster at each update. Only `render`, which
 * asks no cluster, needs it here.
 */
export interface ExposedPods {
  /** Labels of the replication's pods; {peer}, {replication}, {service}, {namespace} and {port} are filled in. */
  readonly selector: Readonly<Record<string, Input<string>>>;
  /** The port of these pods: a number, or the name of a port. */
  readonly targetPort: number | string;
}

/** A Service of type NodePort for each target. */
export interface NodePortExposure {
  /** Name or address of a node, or of what is in front of the nodes; {peer}, {replication}, {service}, {namespace} and {port} are filled in. */
  readonly host: Input<string>;
  /** The node ports that may be given to replications, within the API server's --service-node-port-range. @default 30000-32767 */
  readonly ports?: string | undefined;
  /** `Local` keeps the client's address and reaches only nodes that run a pod. @default Kubernetes' (`Cluster`) */
  readonly externalTrafficPolicy?: "Cluster" | "Local" | undefined;
  /**
   * The pods behind each Service.
   * @default what the operator's own Service has, read from the cluster at each update. Only `render`, which asks no cluster, needs it here
   */
  readonly backend?: ExposedPods | undefined;
}

/** A Gateway of the Gateway API: a TCPRoute for each target. */
export interface GatewayApiExposure {
  /** Name of the Gateway. */
  readonly name: Input<string>;
  /** Namespace of the Gateway. */
  readonly namespace: Input<string>;
  /**
   * Where the TCP listeners are: `listenerSet`, a ListenerSet for each target beside a Gateway that the platform team keeps; `gateway`,
   * in a Gateway that this topology owns; `existing`, in the Gateway already.
   * @default listenerSet
   */
  readonly listeners?: "listenerSet" | "gateway" | "existing" | undefined;
  /** The GatewayClass of a Gateway that this topology owns. */
  readonly className?: Input<string> | undefined;
  /** Name of the listener of each target; {peer}, {replication}, {service}, {namespace} and {port} are filled in. @default bigpeer-{port} */
  readonly listener?: string | undefined;
  /** Version of the TCPRoute: `v1` since Gateway API 1.6, `v1alpha2` (experimental channel) before. @default v1 */
  readonly routeVersion?: "v1" | "v1alpha2" | undefined;
  /** The ports that may be given to replications, such as 4040-4139. @default 4040-5039 */
  readonly ports?: string | undefined;
  /**
   * Name or address under which other clusters reach the Gateway; {peer}, {replication}, {service}, {namespace} and {port} are filled in.
   * @default the address in its status
   */
  readonly host?: Input<string> | undefined;
}

/** F5 NGINX Ingress Controller: a TransportServer for each target. */
export interface NginxF5Exposure {
  /** Name or address under which other clusters reach the controller. @default its Service's load balancer */
  readonly host?: Input<string> | undefined;
  /** The ports that may be given to replications, such as 4040-4139. @default 4040-5039 */
  readonly ports?: string | undefined;
  /** `spec.ingressClassName` of each TransportServer. @default left out, for a cluster with one controller */
  readonly ingressClass?: Input<string> | undefined;
  /** Namespace of the controller. @default nginx-ingress */
  readonly namespace?: Input<string> | undefined;
  /** Name of the controller's Service. @default nginx-ingress */
  readonly service?: Input<string> | undefined;
  /** Name of the controller's GlobalConfiguration, in its namespace. @default nginx-configuration */
  readonly globalConfiguration?: Input<string> | undefined;
  /**
   * `check`: only check that the GlobalConfiguration has the listeners; `listeners`: own its list of listeners, if nobody else has any in it.
   * @default check
   */
  readonly manage?: "check" | "listeners" | undefined;
}
