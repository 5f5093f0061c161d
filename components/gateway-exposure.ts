import type { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { ComponentResource, type ComponentResourceOptions, type Input, type Output } from "@pulumi/pulumi";
import {
  type GatewaySettings,
  gatewayGroup,
  gatewayManifest,
  listenerSetManifest,
  type RoutedTarget,
  tcpRouteManifest,
} from "../topology/objects/gateway-manifests.ts";
import type { Transform } from "../topology/objects/manifests.ts";
import { textOf } from "./carried-inputs.ts";
import { exposedAddress } from "./exposed-address.ts";
import { customResource } from "./kubernetes-object.ts";
import type { ReplicationTarget } from "./replication-target.ts";

/** A Gateway, whose name and namespace another resource may give. */
export type GatewayArgs = Omit<GatewaySettings, "name" | "namespace"> & {
  /** Name of the Gateway. */
  readonly name: Input<string>;
  /** Its namespace. */
  readonly namespace: Input<string>;
};

export interface GatewayExposureArgs {
  /** The Gateway, and where its listeners are: in a ListenerSet for each target, in a Gateway of ours, or in the Gateway already. */
  readonly gateway: GatewayArgs;
  /** What is exposed: `targets` of replications, each at its own port of the Gateway. */
  readonly targets: readonly RoutedTarget[];
  /** Name or address under which other clusters reach it. @default the address in the status of a Gateway of ours; a Gateway of somebody else needs it */
  readonly host?: Input<string> | undefined;
  /** A last change to the objects before they are written. */
  readonly transform?:
    | {
        readonly gateway?: Transform | undefined;
        readonly listenerSet?: Transform | undefined;
        readonly route?: Transform | undefined;
      }
    | undefined;
}

/**
 * Exposes replications by a Gateway of the Gateway API: a TCPRoute for each target, and its listener. TLS passes through untouched. A Gateway
 * of somebody else is never written to; it has to allow ListenerSets (`spec.allowedListeners`).
 *
 * @example
 * new GatewayExposure("west", {
 *   gateway: { name: "tcp", namespace: "infra", listeners: "listenerSet", listener: "bigpeer-{port}", routeVersion: "v1" },
 *   targets: [replication.target("bp2")], host: "gateway.west.example.com",
 * }, { provider: west });
 */
export class GatewayExposure extends ComponentResource {
  /** The resources behind it; no Gateway where it is somebody else's. */
  readonly nodes: {
    readonly gateway: CustomResource | undefined;
    /** By the target's `object`. */
    readonly listenerSets: ReadonlyMap<string, CustomResource>;
    /** By the target's `object`. */
    readonly routes: ReadonlyMap<string, CustomResource>;
  };

  readonly #host: Input<string> | undefined;

  constructor(name: string, args: GatewayExposureArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:GatewayExposure", name, {}, opts);
    const { targets, transform } = args;
    const settings = { ...args.gateway, name: textOf(args.gateway.name), namespace: textOf(args.gateway.namespace) };
    const options = { parent: this };
    const gateway =
      settings.listeners === "gateway"
        ? customResource(`${name}-gateway`, gatewayManifest(settings, targets), transform?.gateway, options)
        : undefined;
    // The same route in another version of the API. The engine would take it for another resource, and delete it by its
    // name after making it.
    const formerly = { aliases: otherVersions(settings.routeVersion).map((type) => ({ type })) };
    const listenerSets = new Map<string, CustomResource>();
    const routes = new Map(
      targets.map((target) => {
        if (settings.listeners === "listenerSet") {
          const manifest = listenerSetManifest(settings, target);
          const label = `${name}/${target.object}-listener`;
          listenerSets.set(target.object, customResource(label, manifest, transform?.listenerSet, options));
        }
        const manifest = tcpRouteManifest(settings, target);
        const route = customResource(`${name}/${target.object}`, manifest, transform?.route, {
          ...options,
          ...formerly,
        });
        return [target.object, route];
      }),
    );
    this.nodes = { gateway, listenerSets, routes };
    this.#host = args.host;
    this.registerOutputs({ ports: targets.map(({ port }) => port) });
  }

  /** The `host:port` that peers of other clusters dial to reach a target that is exposed here.
   * @throws RunError, as a rejected output, where there is no host yet: neither given, nor in the status. What dials it is then not made; once the
   * load balancer has its address, `pulumi up --refresh` reads it */
  addressOf(target: Pick<ReplicationTarget, "port" | "names">): Output<string> {
    return exposedAddress(target, this.#host, this.nodes.gateway ? statusOf(this.nodes.gateway) : undefined);
  }
}

/** The status of a custom resource, which is not part of the provider's types. */
function statusOf(gateway: CustomResource): Output<unknown> {
  return Reflect.get(gateway, "status");
}

function otherVersions(version: GatewaySettings["routeVersion"]): string[] {
  return (["v1", "v1alpha2"] as const)
    .filter((each) => each !== version)
    .map((each) => `kubernetes:${gatewayGroup}/${each}:TCPRoute`);
}
