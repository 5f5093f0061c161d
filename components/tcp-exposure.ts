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
  /** What is exposed: `targets` of replications, or ports of the controller with the Service behind each. */
  readonly exposures: readonly ExposedBackendArgs[];
  /**
   * The controller's arguments as they are now, such as those of `Deployment.get(…)`. Given: `--tcp-services-configmap` is added to them, and
   * all others are kept. Where they have that flag already, with whichever ConfigMap, it is left as it is: the TCP services of others depend on it.
   * @default the arguments are left alone; the flag has to be there already
   */
  readonly currentArguments?: Input<readonly string[]> | undefined;
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
        /** To the patch of the ConfigMap of TCP services. */
        readonly configMap?: Transform | undefined;
        /** To the patch of the controller's Service. */
        readonly service?: Transform | undefined;
        /** To the patch of the controller's arguments. */
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

  /** The `host:port` that peers of other clusters dial to reach a target that is exposed here.
   * @throws RunError, as a rejected output, where there is no host yet: neither given, nor in the status. What dials it is then not made; once the
   * load balancer has its address, `pulumi up --refresh` reads it */
  addressOf(target: Pick<ReplicationTarget, "port" | "names">): Output<string> {
    return exposedAddress(target, this.#host, this.nodes.service?.status);
  }
}

/**
 * The arguments that a controller is to have; undefined where the flag is somebody else's. Of arguments that are known only later nobody can say
 * whose the flag is, so they are applied in either case, as they are where they have one.
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

/** The lists of a Service that has the right ports already are not compared. */
const asItIs = { ignoreChanges: ["spec"] };
