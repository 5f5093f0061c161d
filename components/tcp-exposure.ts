import type { DaemonSetPatch } from "@pulumi/kubernetes/apps/v1/daemonSetPatch.js";
import type { DeploymentPatch } from "@pulumi/kubernetes/apps/v1/deploymentPatch.js";
import type { ConfigMapPatch } from "@pulumi/kubernetes/core/v1/configMapPatch.js";
import type { ServicePatch } from "@pulumi/kubernetes/core/v1/servicePatch.js";
import { ComponentResource, type ComponentResourceOptions, type Input, type Output, output } from "@pulumi/pulumi";
import { withTcpServicesFlag } from "../topology/objects/controller-arguments.ts";
import {
  controllerArgumentsManifest,
  exposedPortsManifest,
  type IngressController,
  tcpServicesFlag,
  tcpServicesManifest,
} from "../topology/objects/exposure-manifests.ts";
import type { Transform } from "../topology/objects/manifests.ts";
import { carriedText } from "./carried-inputs.ts";
import { exposedAddress } from "./exposed-address.ts";
import {
  backendOf,
  controllerOf,
  type ExposedBackendArgs,
  type IngressControllerArgs,
} from "./ingress-controller-args.ts";
import { configMapPatch, daemonSetPatch, deploymentPatch, servicePatch } from "./kubernetes-object.ts";
import type { ReplicationTarget } from "./replication-target.ts";

export interface TcpExposureArgs {
  /** The ingress-nginx controller, as installed. */
  readonly controller: IngressControllerArgs;
  /** The backends to expose: `targets` of replications, or ports of the controller, each with the Service behind it. */
  readonly exposures: readonly ExposedBackendArgs[];
  /**
   * The current arguments of the controller, such as those of `Deployment.get(…)`. If they are given, `--tcp-services-configmap` is added to them,
   * and all others are kept. If they already have that flag, with any ConfigMap, it is left as it is, since the TCP services of others depend on it.
   * @default none, so that the arguments are left alone; they must already have the flag
   */
  readonly currentArguments?: Input<readonly string[]> | undefined;
  /**
   * Set it to true if the controller's Service already has every port open that is exposed here, and no other port of this component. Pulumi's
   * provider compares lists by position, so it treats the ports of others, which come before these, as a change.
   * @default false, so that the ports are compared and applied
   */
  readonly portsAreOpen?: boolean | undefined;
  /**
   * Ports that others open on the controller's Service for these backends, as the ingress-nginx chart does for its `tcp` values. The component does
   * not open these ports.
   * @default none
   */
  readonly openedByOthers?: readonly number[] | undefined;
  /** Name or address at which other clusters reach the controller. @default the load balancer of the controller's Service */
  readonly host?: Input<string> | undefined;
  /** Changes the patches, as the last step before they are applied. `deployment` also changes the patch of a DaemonSet. */
  readonly transform?:
    | {
        /** Changes the patch of the ConfigMap of TCP services. */
        readonly configMap?: Transform | undefined;
        /** Changes the patch of the controller's Service. */
        readonly service?: Transform | undefined;
        /** Changes the patch of the controller's arguments. */
        readonly deployment?: Transform | undefined;
      }
    | undefined;
}

/**
 * Exposes Services over TCP through ingress-nginx (guide): with a key of the `tcp-services` ConfigMap, a port of the controller's Service and, if
 * requested, the controller's flag. TLS passes through untouched. The keys and ports of others are never changed, and are not removed when this
 * component is deleted.
 *
 * @example
 * new TcpExposure("west", {
 *   controller: { namespace: "ingress-nginx", service: "ingress-nginx-controller", configMap: "tcp-services" },
 *   exposures: [replication.target("bp2")],
 * }, { provider: west });
 */
export class TcpExposure extends ComponentResource {
  /**
   * The underlying resources; there is no Service if the controller is reached at the ports of its nodes, and no Deployment if the arguments are left
   * alone.
   */
  readonly nodes: {
    readonly configMap: ConfigMapPatch;
    readonly service: ServicePatch | undefined;
    readonly deployment: DeploymentPatch | DaemonSetPatch | undefined;
  };

  readonly #host: Input<string> | undefined;

  constructor(name: string, args: TcpExposureArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:TcpExposure", name, {}, opts);
    const { currentArguments, portsAreOpen, openedByOthers = [], transform } = args;
    const controller = controllerOf(args.controller);
    const exposures = args.exposures.map(backendOf);
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
    const wanted = currentArguments && wantedArguments(controller, currentArguments);
    const flag = wanted && controllerArgumentsManifest(controller, wanted.all);
    const patch = controller.kind === "DaemonSet" ? daemonSetPatch : deploymentPatch;
    const deployment =
      flag &&
      patch(`${name}-flag`, flag, transform?.deployment, {
        ...options,
        retainOnDelete: true,
        ...(wanted.areSet ? asItIs : {}),
      });
    this.nodes = { configMap, service, deployment };
    this.#host = args.host;
    this.registerOutputs({ ports: exposures.map(({ port }) => port) });
  }

  /**
   * Returns the `host:port` that peers of other clusters dial to reach a target that is exposed here.
   * @throws RunError, as a rejected output, if there is no host yet, neither given nor in the status. Whatever dials the target is then not created;
   * once the load balancer has its address, `pulumi up --refresh` reads it
   */
  addressOf(target: Pick<ReplicationTarget, "port" | "names">): Output<string> {
    return exposedAddress(target, this.#host, this.nodes.service?.status);
  }
}

/**
 * The arguments that a controller should have; undefined if somebody else has set the flag. If the arguments are known only later, nothing can tell
 * who has set the flag; they are then applied in either case, unchanged if they have one.
 */
function wantedArguments(
  controller: IngressController,
  current: Input<readonly string[]>,
): { readonly all: unknown; readonly areSet: boolean } | undefined {
  const flag = carriedText(tcpServicesFlag(controller));
  if (isList(current) && typeof flag === "string") {
    const all = withTcpServicesFlag(flag, current);
    return all && { all, areSet: all.length === current.length };
  }
  const all = output([flag, output(current)] as const).apply(
    ([mine, known = []]) => withTcpServicesFlag(mine ?? "", known) ?? known,
  );
  return { all, areSet: false };
}

function isList(current: Input<readonly string[]>): current is readonly string[] {
  return Array.isArray(current);
}

/** Options that keep the lists of a Service from being compared if it already has the right ports. */
const asItIs = { ignoreChanges: ["spec"] };
