import type { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import type { WaySettings } from "../topology/file/exposure.ts";
import type { Manifest, Transform } from "../topology/objects/manifests.ts";
import { type ExposedService, loadBalancerManifest, nodePortManifest } from "../topology/objects/service-manifests.ts";
import { exposedAddress } from "./exposed-address.ts";
import { serviceObject } from "./kubernetes-object.ts";
import type { ReplicationTarget } from "./replication-target.ts";

/** A Service of type LoadBalancer, or one of type NodePort. */
export type ExposingService =
  | {
      readonly type: "LoadBalancer";
      readonly settings: Omit<WaySettings<"loadBalancer">, "backend" | "host" | "ports">;
    }
  | { readonly type: "NodePort"; readonly settings: Pick<WaySettings<"nodePort">, "externalTrafficPolicy"> };

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
  readonly transform?: { readonly service?: Transform | undefined } | undefined;
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
    ? loadBalancerManifest(service.settings, target, backend)
    : nodePortManifest(service.settings, target, backend);
}
