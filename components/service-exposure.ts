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

/** The settings of a Service of type LoadBalancer, each of which another resource may give. */
export interface LoadBalancerSettings {
  /** `spec.loadBalancerClass`. Kubernetes refuses another one, so a change recreates the Service. @default the cluster's own load balancers */
  readonly class?: Input<string> | undefined;
  /** Annotations, as the cloud's controller reads them; {peer}, {replication}, {service}, {namespace} and {port} are filled in. @default none */
  readonly annotations?: Readonly<Record<string, Input<string>>> | undefined;
  /** `Local` keeps the client's address and reaches only nodes that run a pod. @default Kubernetes' (`Cluster`) */
  readonly externalTrafficPolicy?: Input<"Cluster" | "Local"> | undefined;
  /** The address ranges that are let in, such as 203.0.113.0/24: those of your other clusters. @default everybody */
  readonly sourceRanges?: readonly Input<string>[] | undefined;
}

/** The settings of a Service of type NodePort, each of which another resource may give. */
export interface NodePortSettings {
  /** `Local` keeps the client's address and reaches only nodes that run a pod. @default Kubernetes' (`Cluster`) */
  readonly externalTrafficPolicy?: Input<"Cluster" | "Local"> | undefined;
}

export interface ServiceExposureArgs {
  /** The type of the Service, with the settings of that type. */
  readonly service: ExposingService;
  /** One of the `targets` of a replication. Its port is the one that others dial: the Service's own, or the node port (`atPort`). */
  readonly target: ExposedService & Partial<Pick<ReplicationTarget, "pods">>;
  /** Labels of the replication's pods. @default those that the operator's Service selects, read from the cluster by `target` */
  readonly selector?: Input<Readonly<Record<string, string>>> | undefined;
  /** The port of these pods: a number, or its name. @default that of the operator's Service, read from the cluster by `target` */
  readonly targetPort?: Input<number | string> | undefined;
  /** Name or address under which other clusters reach it. @default the address in the Service's status; a Service of type NodePort needs it */
  readonly host?: Input<string> | undefined;
  /** A last change to the Service before it is written. */
  readonly transform?:
    | {
        /** To the Service. */
        readonly service?: Transform | undefined;
      }
    | undefined;
}

/**
 * Exposes a replication's target by a Service of its own, beside the one that the operator makes. A replication has pods of its own, so
 * a Service, which has one selector, exposes one target. Nobody waits for a load balancer: its address is read from the status.
 *
 * @example
 * new ServiceExposure("blue-cars-bp2", {
 *   service: { type: "LoadBalancer", settings: { sourceRanges: ["203.0.113.0/24"] } },
 *   target: replication.target("bp2"),
 * }, { provider: west });
 */
export class ServiceExposure extends ComponentResource {
  /** The resource behind it. */
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

  /** The `host:port` that peers of other clusters dial to reach the target.
   * @throws RunError, as a rejected output, where there is no host yet: neither given, nor in the status. What dials it is then not made; once the
   * load balancer has its address, `pulumi up --refresh` reads it */
  address(): Output<string> {
    return exposedAddress(this.#target, this.#host, this.nodes.service.status);
  }
}

/** @throws Error where neither the arguments nor the target give the pods */
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

/** The placeholders of an annotation are filled once it is known. */
function withFilledAnnotations({ annotations = {}, ...settings }: LoadBalancerSettings, { names }: ExposedService) {
  const filled = Object.entries(annotations).map(([key, value]) => [
    key,
    typeof value === "string"
      ? value
      : textOf(output(value).apply((given) => output(carriedText(fillNames(given, names))))),
  ]);
  return { ...settings, annotations: Object.fromEntries(filled) };
}
