import type { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import type { CustomResourcePatch } from "@pulumi/kubernetes/apiextensions/customResourcePatch.js";
import type { ServicePatch } from "@pulumi/kubernetes/core/v1/servicePatch.js";
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import { exposedPortsManifest } from "../topology/objects/exposure-manifests.ts";
import type { Transform } from "../topology/objects/manifests.ts";
import {
  globalConfigurationManifest,
  type TransportController,
  type TransportTarget,
  transportServerManifest,
} from "../topology/objects/transport-server-manifests.ts";
import { textOf } from "./carried-inputs.ts";
import { exposedAddress } from "./exposed-address.ts";
import { customResource, customResourcePatch, servicePatch } from "./kubernetes-object.ts";
import type { ReplicationTarget } from "./replication-target.ts";

/** F5 NGINX Ingress Controller, as installed. Its names can come from another resource, such as its Helm release. */
export interface TransportControllerArgs {
  /** Namespace of the controller. */
  readonly namespace: Input<string>;
  /** Name of the controller's Service. */
  readonly service: Input<string>;
  /** Name of the controller's GlobalConfiguration, in its namespace. */
  readonly globalConfiguration: Input<string>;
  /** `spec.ingressClassName` of each TransportServer. @default not set, for a cluster with one controller */
  readonly ingressClass?: Input<string> | undefined;
  /** `check`: the GlobalConfiguration already has the listeners; `listeners`: this component alone owns its list of listeners. @default check */
  readonly manage?: "check" | "listeners" | undefined;
}

export interface TransportServerExposureArgs {
  /** F5 NGINX Ingress Controller, as installed. */
  readonly controller: TransportControllerArgs;
  /** The targets to expose: `targets` of replications, each at its own port of the controller. */
  readonly targets: readonly TransportTarget[];
  /**
   * Set it to true if the controller's Service already has every port open that is exposed here, and no other port of this component. Pulumi's
   * provider compares lists by position, so it treats the ports of others as a change.
   * @default false, so that the ports are compared and applied
   */
  readonly portsAreOpen?: boolean | undefined;
  /** Name or address at which other clusters reach the controller. @default the load balancer of the controller's Service */
  readonly host?: Input<string> | undefined;
  /** Changes the objects, as the last step before they are written. */
  readonly transform?:
    | {
        /** Changes each TransportServer. */
        readonly transportServer?: Transform | undefined;
        /** Changes the patch of the controller's Service. */
        readonly service?: Transform | undefined;
        /** Changes the patch of the GlobalConfiguration. */
        readonly globalConfiguration?: Transform | undefined;
      }
    | undefined;
}

/**
 * Exposes replications over TCP through F5 NGINX Ingress Controller, with a TransportServer and a port of the controller's Service for each target.
 * The listener that a TransportServer refers to is in the GlobalConfiguration, whose list of listeners can have only one owner, so it is written only
 * if requested.
 *
 * @example
 * new TransportServerExposure("west", {
 *   controller: { namespace: "nginx-ingress", service: "nginx-ingress", globalConfiguration: "nginx-configuration" },
 *   targets: [replication.target("bp2")],
 * }, { provider: west });
 */
export class TransportServerExposure extends ComponentResource {
  /** The underlying resources; there is no GlobalConfiguration if somebody else owns its listeners. */
  readonly nodes: {
    /** Keyed by the target's `object`. */
    readonly transportServers: ReadonlyMap<string, CustomResource>;
    readonly service: ServicePatch;
    readonly globalConfiguration: CustomResourcePatch | undefined;
  };

  readonly #host: Input<string> | undefined;

  constructor(name: string, args: TransportServerExposureArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:TransportServerExposure", name, {}, opts);
    const { targets, portsAreOpen, transform } = args;
    const controller = settingsOf(args.controller);
    const options = { parent: this };
    const globalConfiguration =
      controller.manage === "listeners"
        ? customResourcePatch(
            `${name}-listeners`,
            globalConfigurationManifest(controller, targets),
            transform?.globalConfiguration,
            options,
          )
        : undefined;
    const service = servicePatch(`${name}-ports`, exposedPortsManifest(controller, targets), transform?.service, {
      ...options,
      ...(portsAreOpen ? { ignoreChanges: ["spec"] } : {}),
    });
    const transportServers = new Map(
      targets.map((target) => {
        const manifest = transportServerManifest(controller, target);
        return [
          target.object,
          customResource(`${name}/${target.object}`, manifest, transform?.transportServer, options),
        ] as const;
      }),
    );
    this.nodes = { transportServers, service, globalConfiguration };
    this.#host = args.host;
    this.registerOutputs({ ports: targets.map(({ port }) => port) });
  }

  /**
   * Returns the `host:port` that peers of other clusters dial to reach a target that is exposed here.
   * @throws RunError, as a rejected output, if there is no host yet, neither given nor in the status. Whatever dials the target is then not created;
   * once the load balancer has its address, `pulumi up --refresh` reads it
   */
  addressOf(target: Pick<ReplicationTarget, "port" | "names">): Output<string> {
    return exposedAddress(target, this.#host, this.nodes.service.status);
  }
}

function settingsOf({ ingressClass, manage = "check", ...names }: TransportControllerArgs): TransportController {
  return {
    namespace: textOf(names.namespace),
    service: textOf(names.service),
    globalConfiguration: textOf(names.globalConfiguration),
    ingressClass: ingressClass === undefined ? undefined : textOf(ingressClass),
    manage,
  };
}
