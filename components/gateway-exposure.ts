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

/** A Gateway, whose names can come from another resource. */
export interface GatewayArgs {
  /** Name of the Gateway. */
  readonly name: Input<string>;
  /** Namespace of the Gateway. */
  readonly namespace: Input<string>;
  /**
   * Location of the TCP listeners. `listenerSet`: in a ListenerSet for each target, beside a Gateway that the platform team maintains; `gateway`: in
   * a Gateway that this component creates; `existing`: already in the Gateway.
   * @default listenerSet
   */
  readonly listeners?: "listenerSet" | "gateway" | "existing" | undefined;
  /** The GatewayClass of a Gateway that this component creates. */
  readonly className?: Input<string> | undefined;
  /**
   * Name of the listener of each target; the placeholders {peer}, {replication}, {service}, {namespace} and {port} are filled in.
   * @default bigpeer-{port}
   */
  readonly listener?: string | undefined;
  /** Version of the TCPRoute: `v1` since Gateway API 1.6, `v1alpha2` (experimental channel) before. @default v1 */
  readonly routeVersion?: "v1" | "v1alpha2" | undefined;
}

export interface GatewayExposureArgs {
  /**
   * The Gateway, and the location of its listeners: in a ListenerSet for each target, in a Gateway that this component creates, or already in the
   * Gateway.
   */
  readonly gateway: GatewayArgs;
  /** The targets to expose: `targets` of replications, each at its own port of the Gateway. */
  readonly targets: readonly RoutedTarget[];
  /**
   * Name or address at which other clusters reach the Gateway.
   * @default the address in the status of a Gateway that this component creates; required for any other Gateway
   */
  readonly host?: Input<string> | undefined;
  /** Changes the objects, as the last step before they are written. */
  readonly transform?:
    | {
        /** Changes the Gateway that this component creates. */
        readonly gateway?: Transform | undefined;
        /** Changes each ListenerSet. */
        readonly listenerSet?: Transform | undefined;
        /** Changes each TCPRoute. */
        readonly route?: Transform | undefined;
      }
    | undefined;
}

/**
 * Exposes replications through a Gateway of the Gateway API, with a TCPRoute and a listener for each target. TLS passes through untouched. A Gateway
 * that somebody else owns is never written to; it must allow ListenerSets (`spec.allowedListeners`).
 *
 * @example
 * new GatewayExposure("west", {
 *   gateway: { name: "tcp", namespace: "infra" },
 *   targets: [replication.target("bp2")], host: "gateway.west.example.com",
 * }, { provider: west });
 */
export class GatewayExposure extends ComponentResource {
  /** The underlying resources; there is no Gateway if somebody else owns it. */
  readonly nodes: {
    readonly gateway: CustomResource | undefined;
    /** Keyed by the target's `object`. */
    readonly listenerSets: ReadonlyMap<string, CustomResource>;
    /** Keyed by the target's `object`. */
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

  /**
   * Returns the `host:port` that peers of other clusters dial to reach a target that is exposed here.
   * @throws RunError, as a rejected output, if there is no host yet, neither given nor in the status. Whatever dials the target is then not created;
   * once the load balancer has its address, `pulumi up --refresh` reads it
   */
  addressOf(target: Pick<ReplicationTarget, "port" | "names">): Output<string> {
    return exposedAddress(target, this.#host, this.nodes.gateway ? statusOf(this.nodes.gateway) : undefined);
  }
}

/**
 * @throws Error if a Gateway that this component creates has no class
 */
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
