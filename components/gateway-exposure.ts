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

/** A Gateway, whose names another resource may give. */
export interface GatewayArgs {
  /** Name of the Gateway. */
  readonly name: Input<string>;
  /** Namespace of the Gateway. */
  readonly namespace: Input<string>;
  /**
   * Where the TCP listeners are: `listenerSet`, a ListenerSet for each target beside a Gateway that the platform team keeps; `gateway`, in a
   * Gateway of ours; `existing`, in the Gateway already.
   * @default listenerSet
   */
  readonly listeners?: "listenerSet" | "gateway" | "existing" | undefined;
  /** The GatewayClass of a Gateway of ours. */
  readonly className?: Input<string> | undefined;
  /** Name of the listener of each target; {peer}, {replication}, {service}, {namespace} and {port} are filled in. @default bigpeer-{port} */
  readonly listener?: string | undefined;
  /** Version of the TCPRoute: `v1` since Gateway API 1.6, `v1alpha2` (experimental channel) before. @default v1 */
  readonly routeVersion?: "v1" | "v1alpha2" | undefined;
}

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
        /** To the Gateway of ours. */
        readonly gateway?: Transform | undefined;
        /** To each ListenerSet. */
        readonly listenerSet?: Transform | undefined;
        /** To each TCPRoute. */
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
 *   gateway: { name: "tcp", namespace: "infra" },
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
    const settings = settingsOf(args.gateway, name);
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

/** @throws Error where a Gateway of ours has no class */
function settingsOf({ name, namespace, className, ...given }: GatewayArgs, component: string): GatewaySettings {
  if (given.listeners === "gateway" && className === undefined)
    throw new Error(
      `${component}: give \`className\`: a Gateway of your own (\`listeners: "gateway"\`) needs a GatewayClass`,
    );
  return {
    name: textOf(name),
    namespace: textOf(namespace),
    className: className === undefined ? undefined : textOf(className),
    listeners: given.listeners ?? "listenerSet",
    listener: given.listener ?? "bigpeer-{port}",
    routeVersion: given.routeVersion ?? "v1",
  };
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
