import type { DaemonSetPatch } from "@pulumi/kubernetes/apps/v1/daemonSetPatch.js";
import type { DeploymentPatch } from "@pulumi/kubernetes/apps/v1/deploymentPatch.js";
import type { ConfigMapPatch } from "@pulumi/kubernetes/core/v1/configMapPatch.js";
import type { ServicePatch } from "@pulumi/kubernetes/core/v1/servicePatch.js";
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import { withTcpServicesFlag } from "../topology/objects/controller-arguments.ts";
import {
  controllerArgumentsManifest,
  type ExposedBackend,
  exposedPortsManifest,
  type IngressController,
  tcpServicesManifest,
} from "../topology/objects/exposure-manifests.ts";
import type { Transform } from "../topology/objects/manifests.ts";
import { textOf } from "./carried-inputs.ts";
import { exposedAddress } from "./exposed-address.ts";
import { configMapPatch, daemonSetPatch, deploymentPatch, servicePatch } from "./kubernetes-object.ts";
import type { ReplicationTarget } from "./replication-target.ts";

/** An ingress-nginx controller, whose namespace and Service another resource may give, such as its Helm release. */
export type IngressControllerArgs = Omit<IngressController, "namespace" | "service"> & {
  readonly namespace: Input<string>;
  /** Name of its Service. */
  readonly service: Input<string>;
};

export interface TcpExposureArgs {
  /** The ingress-nginx controller, as installed. */
  readonly controller: IngressControllerArgs;
  /** What is exposed: `targets` of replications, or ports of the controller with the Service behind each. */
  readonly exposures: readonly ExposedBackend[];
  /**
   * The controller's arguments as they are now. Given: `--tcp-services-configmap` is added to them, and all others are kept. Where they
   * have that flag already, with whichever ConfigMap, it is left as it is: the TCP services of others depend on it.
   * @default the arguments are left alone; the flag has to be there already
   */
  readonly currentArguments?: readonly string[] | undefined;
  /**
   * Says that the controller's Service has all ports open that are exposed here, and no other port of ours. Pulumi's provider compares lists
   * by position, so it takes the ports of others, which stand before ours, for a change. @default false: the ports are compared and applied
   */
  readonly portsAreOpen?: boolean | undefined;
  /**
   * Ports that others open on the controller's Service for these backends, as the ingress-nginx chart does for its `tcp` values. They are left
   * to them. @default none
   */
  readonly openedByOthers?: readonly number[] | undefined;
  /** Name or address under which other clusters reach it. @default the load balancer of the controller's Service */
  readonly host?: Input<string> | undefined;
  /** A last change to the patches before they are applied. `deployment` is that of a DaemonSet, too. */
  readonly transform?:
    | {
        readonly configMap?: Transform | undefined;
        readonly service?: Transform | undefined;
        readonly deployment?: Transform | undefined;
      }
    | undefined;
}

/**
 * Exposes Services by TCP through ingress-nginx (guide): a key of the `tcp-services` ConfigMap, a port of the controller's
 * Service and, if asked for, the controller's flag. TLS passes through untouched. Other people's keys and ports are neither
 * changed nor, when this goes away, removed.
 *
 * @example
 * new TcpExposure("west", {
 *   controller: { namespace: "ingress-nginx", service: "ingress-nginx-controller", configMap: "tcp-services" },
 *   exposures: [replication.target("bp2")],
 * }, { provider: west });
 */
export class TcpExposure extends ComponentResource {
  /** The resources behind it; no Service where the controller is reached at its nodes' ports, no Deployment where the arguments are left alone. */
  readonly nodes: {
    readonly configMap: ConfigMapPatch;
    readonly service: ServicePatch | undefined;
    readonly deployment: DeploymentPatch | DaemonSetPatch | undefined;
  };

  readonly #host: Input<string> | undefined;

  constructor(name: string, args: TcpExposureArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:TcpExposure", name, {}, opts);
    const { exposures, currentArguments, portsAreOpen, openedByOthers = [], transform } = args;
    const { namespace, service: front, ...named } = args.controller;
    const controller = { ...named, namespace: textOf(namespace), service: textOf(front) };
    const options = { parent: this };
    const entries = tcpServicesManifest(controller, exposures);
    const configMap = configMapPatch(`${name}-services`, entries, transform?.configMap, options);
    const opened = exposures.filter(({ port }) => !openedByOthers.includes(port));
    const ports = exposedPortsManifest(controller, opened);
    const service =
      controller.hostPorts || (opened.length === 0 && openedByOthers.length > 0)
        ? undefined
        : servicePatch(`${name}-ports`, ports, transform?.service, { ...options, ...(portsAreOpen ? asItIs : {}) });
    // The arguments are one atomic list, which the patch owns as a whole. Deleting the patch would delete the
    // controller's own arguments, so it stays.
    const wanted = currentArguments && withTcpServicesFlag(controller, currentArguments);
    const flag = wanted && controllerArgumentsManifest(controller, wanted);
    const patch = controller.kind === "DaemonSet" ? daemonSetPatch : deploymentPatch;
    const deployment =
      flag &&
      patch(`${name}-flag`, flag, transform?.deployment, {
        ...options,
        retainOnDelete: true,
        ...(wanted.length === currentArguments.length ? asItIs : {}),
      });
    this.nodes = { configMap, service, deployment };
    this.#host = args.host;
    this.registerOutputs({ ports: exposures.map(({ port }) => port) });
  }

  /** The `host:port` that peers of other clusters dial to reach a target that is exposed here.
   * @throws RunError, as a rejected output, where there is no host yet: neither given, nor in the status. What dials it is then not made; once the
   * load balancer has its address, `pulumi up --refresh` reads it */
  addressOf(target: Pick<ReplicationTarget, "port" | "names">): Output<string> {
    return exposedAddress(target, this.#host, this.nodes.service?.status);
  }
}

/** The lists of a Service that has the right ports already are not compared. */
const asItIs = { ignoreChanges: ["spec"] };
