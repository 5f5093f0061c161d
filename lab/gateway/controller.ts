/**
 * A stand-in of an implementation of Gateway API, for TCP: it judges Gateways, ListenerSets and TCPRoutes as strictly as the specification
 * does, says so in their status, and forwards the connections. It serves no HTTP, no TLS and no UDP. The definitions are the real ones.
 */
import { CustomObjectsApi, KubernetesObjectApi, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { fieldAt } from "../../topology/value-at.ts";
import type { LabCluster } from "../cluster.ts";
import { type OpenPort, OpenPorts } from "../exposure/open-ports.ts";
import type { PublicAddresses } from "../exposure/public-addresses.ts";
import type { GatewayRequest } from "../exposure/requests.ts";
import { endpointsOf, Rotation, serviceSpec } from "../exposure/services.ts";
import { ObjectCache, type WatchedObject } from "../operator/object-cache.ts";
import { withTimes } from "./condition-times.ts";
import { type JudgedGateway, judgeListeners } from "./listeners.ts";
import {
  controllerName,
  type GatewayObjects,
  group,
  idOf,
  readClass,
  readGateway,
  readGrant,
  readListenerSet,
  readRoute,
} from "./objects.ts";
import { type Attached, judgeRoutes, type WeightedBackend } from "./routes.ts";
import {
  classStatus,
  type GatewayPlace,
  gatewayStatus,
  routeStatus,
  setStatus,
  type WantedStatus,
} from "./statuses.ts";

export interface GatewayControllerOptions {
  readonly cluster: LabCluster;
  /** Those that have a public name. */
  readonly gateways: readonly GatewayRequest[];
  readonly services: ObjectCache;
  readonly addresses: PublicAddresses;
  readonly onChange: () => void;
}

const plurals = {
  GatewayClass: "gatewayclasses",
  Gateway: "gateways",
  ListenerSet: "listenersets",
  TCPRoute: "tcproutes",
  ReferenceGrant: "referencegrants",
} as const;

export class GatewayController {
  readonly #options: GatewayControllerOptions;
  readonly #custom: CustomObjectsApi;
  readonly #caches: Readonly<Record<keyof typeof plurals, ObjectCache>>;
  readonly #namespaces: ObjectCache;
  readonly #ports = new OpenPorts();
  /** The address of each Gateway, by its UID. */
  readonly #addresses = new Map<string, string>();
  readonly #rotations = new Map<string, Rotation>();

  constructor(options: GatewayControllerOptions) {
    this.#options = options;
    const { kubeConfig } = options.cluster;
    this.#custom = kubeConfig.makeApiClient(CustomObjectsApi);
    const objects = KubernetesObjectApi.makeApiClient(kubeConfig);
    const cache = (kind: keyof typeof plurals, version = "v1") =>
      new ObjectCache(
        kubeConfig,
        `/apis/${group}/${version}/${plurals[kind]}`,
        () => objects.list(`${group}/${version}`, kind),
        options.onChange,
      );
    this.#caches = {
      GatewayClass: cache("GatewayClass"),
      Gateway: cache("Gateway"),
      ListenerSet: cache("ListenerSet"),
      TCPRoute: cache("TCPRoute"),
      ReferenceGrant: cache("ReferenceGrant", "v1beta1"),
    };
    this.#namespaces = new ObjectCache(
      kubeConfig,
      "/api/v1/namespaces",
      () => objects.list("v1", "Namespace"),
      options.onChange,
    );
  }

  async start(): Promise<void> {
    await Promise.all([this.#namespaces, ...Object.values(this.#caches)].map((cache) => cache.start()));
  }

  async stop(): Promise<void> {
    await Promise.all([this.#namespaces, ...Object.values(this.#caches)].map((cache) => cache.stop()));
    await this.#ports.close();
  }

  async reconcile(): Promise<void> {
    const objects = this.#objects();
    const classes = objects.classes.filter(({ spec }) => spec.controllerName === controllerName);
    const names = classes.map(({ object }) => object.metadata.name);
    const gateways = objects.gateways
      .filter(({ spec }) => names.includes(spec.gatewayClassName))
      .map((gateway) => judgeListeners(gateway, objects));
    this.#releaseAll(gateways);
    const { routes, attached } = judgeRoutes(gateways, objects);
    const places = await this.#open(gateways, attached);
    const placeOf = (judged: JudgedGateway): GatewayPlace =>
      places.get(judged) ?? { address: undefined, failures: new Map() };
    await this.#write([
      ...classes.map(classStatus),
      ...gateways.map((each) => gatewayStatus(each, attached, placeOf(each))),
      ...gateways.flatMap((each) => each.sets.map((set) => setStatus(set, attached, placeOf(each)))),
      ...routes.map((each) => routeStatus(each, fieldAt(each.route.object, "status.parents"))),
    ]);
  }

  #objects(): GatewayObjects {
    const { GatewayClass, Gateway, ListenerSet, TCPRoute, ReferenceGrant } = this.#caches;
    return {
      classes: GatewayClass.items().map(readClass),
      gateways: Gateway.items().map(readGateway),
      listenerSets: ListenerSet.items().map(readListenerSet),
      routes: TCPRoute.items().map(readRoute),
      grants: ReferenceGrant.items().map(readGrant),
      services: this.#options.services.items(),
      namespaces: this.#namespaces.items(),
    };
  }

  #releaseAll(gateways: readonly JudgedGateway[]): void {
    for (const [uid, address] of this.#addresses) {
      if (gateways.some(({ gateway }) => gateway.object.metadata.uid === uid)) continue;
      this.#options.addresses.release(address);
      this.#addresses.delete(uid);
    }
  }

  #addressOf({ metadata: { uid, namespace, name } }: WatchedObject): string {
    const { addresses, gateways } = this.#options;
    const address = this.#addresses.get(uid) ?? addresses.take();
    this.#addresses.set(uid, address);
    const requested = gateways.filter((each) => each.namespace === namespace && each.name === name);
    addresses.name(
      address,
      requested.flatMap(({ hosts }) => hosts),
    );
    return address;
  }

  async #open(
    gateways: readonly JudgedGateway[],
    attached: readonly Attached[],
  ): Promise<Map<JudgedGateway, GatewayPlace>> {
    const wanted: (OpenPort & { gateway: JudgedGateway })[] = [];
    const addresses = new Map<JudgedGateway, string>();
    for (const gateway of gateways) {
      if (gateway.refused) continue;
      const address = this.#addressOf(gateway.gateway.object);
      addresses.set(gateway, address);
      const listeners = [gateway.listeners, ...gateway.sets.map((set) => set.listeners)].flat();
      for (const listener of listeners) {
        if (!listener.valid) continue;
        const held = attached.find((each) => each.listener === listener);
        const key = held ? `${held.route.object.metadata.uid}` : "nothing";
        const { port } = listener.listener;
        const backend = async () => this.#pick(`${address}:${port}`, held?.backends ?? []);
        wanted.push({ gateway, host: address, port, key, backend });
      }
    }
    const failures = await this.#ports.apply(wanted);
    return new Map(
      [...addresses].map(([gateway, address]) => {
        const ports = wanted.flatMap((each) => {
          const failure = each.gateway === gateway ? failures.get(`${each.host}:${each.port}`) : undefined;
          return failure === undefined ? [] : [[each.port, failure] as const];
        });
        return [gateway, { address, failures: new Map(ports) }];
      }),
    );
  }

  /** Picks a backend by weight; the share of one that cannot be used is rejected. */
  #pick(place: string, backends: readonly WeightedBackend[]) {
    const total = backends.reduce((sum, { weight }) => sum + weight, 0);
    let ticket = Math.random() * total;
    const chosen = backends.find(({ weight }) => {
      ticket -= weight;
      return ticket < 0;
    });
    if (!chosen?.target) return undefined;
    const { service, port } = chosen.target;
    const current = this.#options.services.items();
    const found = current.find((each) => idOf(each) === idOf(service));
    const servicePort = found && serviceSpec(found).ports.find((each) => each.port === port && each.protocol === "TCP");
    if (!found || !servicePort) return undefined;
    const rotation = this.#rotations.get(place) ?? new Rotation();
    this.#rotations.set(place, rotation);
    return rotation.pick(endpointsOf(current, found, servicePort));
  }

  async #write(statuses: readonly WantedStatus[]): Promise<void> {
    await Promise.all(
      statuses.map(async ({ kind, object, status }) => {
        const timed = withTimes(object.status, status);
        if (!timed) return;
        const { namespace, name } = object.metadata;
        const target = { group, version: "v1", plural: plurals[kind], name, body: { status: timed } };
        const asMerge = setHeaderOptions("Content-Type", PatchStrategy.MergePatch);
        const written =
          kind === "GatewayClass"
            ? this.#custom.patchClusterCustomObjectStatus(target, asMerge)
            : this.#custom.patchNamespacedCustomObjectStatus({ ...target, namespace }, asMerge);
        await written.catch((error: unknown) => {
          if (!(typeof error === "object" && error !== null && "code" in error && error.code === 404)) throw error;
        });
      }),
    );
  }
}
