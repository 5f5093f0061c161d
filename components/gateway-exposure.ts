import type { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import {
  type GatewaySettings,
  gatewayGroup,
  gatewayManifest,
  listenerSetManifest,
  type RoutedTarget,
  tcpRouteManifest,
} from "../topology/objects/gateway-manifests.ts";
import type { Transform } from "../topology/objects/manifests.ts";
import { customResource } from "./kubernetes-object.ts";

export interface GatewayExposureArgs {
  /** The Gateway, and where its listeners are: in a ListenerSet for each target, in a Gateway of ours, or in the Gateway already. */
  readonly gateway: GatewaySettings;
  /** What is exposed: the port of the Gateway, and the Service that the operator makes. */
  readonly targets: readonly RoutedTarget[];
  /** A last change to the objects before they are written. */
  readonly transform?:
    | { readonly gateway?: Transform; readonly listenerSet?: Transform; readonly route?: Transform }
    | undefined;
}

/**
 * Exposes replications by a Gateway of the Gateway API: a TCPRoute for each target, and its listener. TLS passes through untouched. A Gateway
 * of somebody else is never written to; it has to allow ListenerSets (`spec.allowedListeners`).
 *
 * @example
 * const service = "ditto-bp2-replication-blue-cars-bp2";
 * const names = { peer: "bp2", replication: "blue-cars", service, namespace: "ditto", port: "4117" };
 * new GatewayExposure("west", {
 *   gateway: { name: "tcp", namespace: "infra", listeners: "listenerSet", listener: "bigpeer-{port}", routeVersion: "v1" },
 *   targets: [{ object: "blue-cars-bp2-exposed", port: 4117, backend: { namespace: "ditto", service, port: 4040 }, names }],
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

  constructor(name: string, args: GatewayExposureArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:GatewayExposure", name, {}, opts);
    const { gateway: settings, targets, transform } = args;
    const options = { parent: this };
    const gateway =
      settings.listeners === "gateway"
        ? customResource(`${name}-gateway`, gatewayManifest(settings, targets), transform?.gateway, options)
        : undefined;
    // The same route in another version of the API; under another type the engine would delete it by its name after making it.
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
    this.registerOutputs({ ports: targets.map(({ port }) => port) });
  }
}

function otherVersions(version: GatewaySettings["routeVersion"]): string[] {
  return (["v1", "v1alpha2"] as const)
    .filter((each) => each !== version)
    .map((each) => `kubernetes:${gatewayGroup}/${each}:TCPRoute`);
}
