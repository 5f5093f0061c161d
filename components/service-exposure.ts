import type { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { ComponentResource, type ComponentResourceOptions, type Input, type Output, output } from "@pulumi/pulumi";
import type { Manifest, Transform } from "../topology/objects/manifests.ts";
import { type ExposedService, loadBalancerManifest, nodePortManifest } from "../topology/objects/service-manifests.ts";
import { fillNames } from "../topology/plan/exposures.ts";
import { carriedText, textOf } from "./carried-inputs.ts";
import { exposedAddress } from "./exposed-address.ts";
import { serviceObject } from "./kubernetes-object.ts";
import type { ReplicationTarget } from "./replication-target.ts";

/** A Service of type LoadBalancer, or one of type NodePort. */
export type ExposingService =
  | { readonly type: "LoadBalancer"; readonly settings: LoadBalancerSettings }
  | { readonly type: "NodePort"; readonly settings: NodePortSettings };

/** The settings of a Service of type LoadBalancer. Each of them can be a value of another resource. */
export interface LoadBalancerSettings {
  /** `spec.loadBalancerClass`. Kubernetes refuses to change it, so a new value recreates the Service. @default the cluster's own load balancers */
  readonly class?: Input<string> | undefined;
  /**
   * Annotations for the cloud's controller; the placeholders {peer}, {replication}, {service}, {namespace} and {port} are filled in.
   * @default none
   */
  readonly annotations?: Readonly<Record<string, Input<string>>> | undefined;
  /** `Local` preserves the client's address and reaches only nodes that run a pod. @default the default of Kubernetes (`Cluster`) */
  readonly externalTrafficPolicy?: Input<"Cluster" | "Local"> | undefined;
  /** The address ranges that are allowed in, such as 203.0.113.0/24: those of your other clusters. @default every address */
  readonly sourceRanges?: readonly Input<string>[] | undefined;
}

/** The settings of a Service of type NodePort. Each of them can be a value of another resource. */
export interface NodePortSettings {
  /** `Local` preserves the client's address and reaches only nodes that run a pod. @default the default of Kubernetes (`Cluster`) */
  readonly externalTrafficPolicy?: Input<"Cluster" | "Local"> | undefined;
}

export interface ServiceExposureArgs {
  /** The type of the Service, with the settings of that type. */
  readonly service: ExposingService;
  /** One of the `targets` of a replication. Its port is the one that others dial: the port of the Service, or its node port (`atPort`). */
  readonly target: ExposedService & Partial<Pick<ReplicationTarget, "pods">>;
  /** Labels of the replication's pods. @default the selector of the operator's Service, read from the cluster through `target` */
  readonly selector?: Input<Readonly<Record<string, string>>> | undefined;
  /** The port of these pods: a number or a name. @default the target port of the operator's Service, read from the cluster through `target` */
  readonly targetPort?: Input<number | string> | undefined;
  /** Name or address at which other clusters reach the Service. @default the address in its status; required for a Service of type NodePort */
  readonly host?: Input<string> | undefined;
  /** Changes the Service, as the last step before it is written. */
  readonly transform?:
    | {
        /** Changes the Service. */
        readonly service?: Transform | undefined;
      }
    | undefined;
}

/**
 * Exposes a target of a replication through a Service of its own, beside the one that the operator creates. A Service has one selector, and each
 * replication has its own pods, so one Service exposes one target. Nothing waits for a load balancer: its address is read from the status.
 *
 * @example
 * new ServiceExposure("blue-cars-bp2", {
 *   service: { type: "LoadBalancer", settings: { sourceRanges: ["203.0.113.0/24"] } },
 *   target: replication.target("bp2"),
 * }, { provider: west });
 */
export class ServiceExposure extends ComponentResource {
  /** The underlying resource. */
  readonly nodes: { readonly service: Service };

  readonly #host: Input<string> | undefined;
  readonly #target: ExposedService;

  constructor(name: string, args: ServiceExposureArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:ServiceExposure", name, {}, opts);
    const service = serviceObject(`${name}-service`, manifestOf(args, name), args.transform?.service, {
      parent: this,
      // Kubernetes refuses to change the class of a Service, and two Services cannot have one name.
      replaceOnChanges: ["spec.loadBalancerClass"],
      deleteBeforeReplace: true,
    });
    this.nodes = { service };
    this.#host = args.host;
    this.#target = args.target;
    this.registerOutputs({ port: args.target.port });
  }

  /**
   * Returns the `host:port` that peers of other clusters dial to reach the target.
   * @throws RunError, as a rejected output, if there is no host yet, neither given nor in the status. Whatever dials the target is then not created;
   * once the load balancer has its address, `pulumi up --refresh` reads it
   */
  address(): Output<string> {
    return exposedAddress(this.#target, this.#host, this.nodes.service.status);
  }
}

/**
 * @throws Error if neither the arguments nor the target specify the pods
 */
function manifestOf({ service, target, ...given }: ServiceExposureArgs, component: string): Manifest {
  const complete = given.selector !== undefined && given.targetPort !== undefined;
  const pods = complete ? undefined : target.pods?.();
  const backend = {
    selector: given.selector ?? pods?.apply(({ selector }) => selector),
    targetPort: given.targetPort ?? pods?.apply(({ targetPort }) => targetPort),
  };
  if (backend.selector === undefined || backend.targetPort === undefined)
    throw new Error(
      `${component}: give \`selector\` and \`targetPort\` of the replication's pods, or a target whose app is a BigPeerApp of a BigPeer`,
    );
  return service.type === "LoadBalancer"
    ? loadBalancerManifest(withFilledAnnotations(service.settings, target), target, backend)
    : nodePortManifest(service.settings, target, backend);
}

/** Fills in the placeholders of an annotation once its value is known. */
function withFilledAnnotations({ annotations = {}, ...settings }: LoadBalancerSettings, { names }: ExposedService) {
  const filled = Object.entries(annotations).map(([key, value]) => [
    key,
    typeof value === "string"
      ? value
      : textOf(output(value).apply((given) => output(carriedText(fillNames(given, names))))),
  ]);
  return { ...settings, annotations: Object.fromEntries(filled) };
}
