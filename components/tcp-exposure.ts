import type { DeploymentPatch } from "@pulumi/kubernetes/apps/v1/deploymentPatch.js";
import type { ConfigMapPatch } from "@pulumi/kubernetes/core/v1/configMapPatch.js";
import type { ServicePatch } from "@pulumi/kubernetes/core/v1/servicePatch.js";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import {
  controllerArgumentsManifest,
  type ExposedBackend,
  exposedPortsManifest,
  type IngressController,
  tcpServicesManifest,
} from "../topology/exposure-manifests.ts";
import { configMapPatch, deploymentPatch, servicePatch } from "./kubernetes-object.ts";

export interface TcpExposureArgs {
  /** The ingress-nginx controller, as installed. */
  readonly controller: IngressController;
  /** What is exposed: port of the controller -> Service. */
  readonly exposures: readonly ExposedBackend[];
  /**
   * The controller's arguments as they are now. Given: `--tcp-services-configmap` is added to them, and all others are kept.
   * @default the arguments are left alone; the flag has to be there already
   */
  readonly currentArguments?: readonly string[] | undefined;
}

/**
 * Exposes Services by TCP through ingress-nginx (guide): a key of the `tcp-services` ConfigMap, a port of the controller's
 * Service and, if asked for, the controller's flag. TLS passes through untouched. Other people's keys and ports are neither
 * changed nor, when this goes away, removed.
 *
 * @example
 * new TcpExposure("west", {
 *   controller: { namespace: "ingress-nginx", service: "ingress-nginx-controller", configMap: "tcp-services" },
 *   exposures: [{ port: 4040, backend: { namespace: "ditto", service: "ditto-bp2-replication-blue-cars-bp2", port: 4040 } }],
 * }, { provider: west });
 */
export class TcpExposure extends ComponentResource {
  readonly nodes: {
    readonly configMap: ConfigMapPatch;
    readonly service: ServicePatch;
    readonly deployment: DeploymentPatch | undefined;
  };

  constructor(name: string, args: TcpExposureArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:TcpExposure", name, {}, opts);
    const configMap = configMapPatch(`${name}-services`, tcpServicesManifest(args.controller, args.exposures), {
      parent: this,
    });
    const service = servicePatch(`${name}-ports`, exposedPortsManifest(args.controller, args.exposures), {
      parent: this,
    });
    // Arguments are one atomic list that the patch owns whole: deleting it would delete the controller's own, so it stays.
    const deployment = args.currentArguments
      ? deploymentPatch(`${name}-flag`, controllerArgumentsManifest(args.controller, args.currentArguments), {
          parent: this,
          retainOnDelete: true,
        })
      : undefined;
    this.nodes = { configMap, service, deployment };
    this.registerOutputs({ ports: args.exposures.map(({ port }) => port) });
  }
}
