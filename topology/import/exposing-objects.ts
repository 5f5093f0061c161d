import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { WayKind } from "../file/exposure.ts";
import type { ClusterContents, LiveSide } from "./live-objects.ts";

/** What exposes Services besides ingress-nginx, as the API server gives it; empty where a kind is not served. */
export interface ExposingObjects {
  readonly services: readonly unknown[];
  readonly tcpRoutes: readonly unknown[];
  readonly listenerSets: readonly unknown[];
  readonly gateways: readonly unknown[];
  readonly transportServers: readonly unknown[];
  readonly globalConfigurations: readonly unknown[];
}

/** An object that exposes the target of a replication. */
export interface LiveExposure {
  readonly cluster: string;
  readonly kind: Exclude<WayKind, "ingressNginx" | "address">;
  /** `Service ditto/blue-cars-bp2-exposed`. */
  readonly object: string;
  readonly name: string;
  /** Namespace of the operator's Service to which it leads. */
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
  /** As the cluster knows it; undefined: it knows none. */
  readonly host: string | undefined;
  /** Settings of its way other than host and ports. */
  readonly settings: Readonly<Record<string, unknown>>;
}

const metadata = z.looseObject({
  name: z.string(),
  namespace: z.string().default(""),
  labels: z.record(z.string(), z.string()).nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
});
const service = z.looseObject({
  metadata,
  spec: z.looseObject({
    type: z.string().default("ClusterIP"),
    selector: z.record(z.string(), z.string()).nullish(),
    ports: z.array(z.looseObject({ port: z.number(), nodePort: z.number().optional() })).default([]),
    loadBalancerClass: z.string().optional(),
    externalTrafficPolicy: z.string().optional(),
    loadBalancerSourceRanges: z.array(z.string()).optional(),
  }),
  status: z
    .looseObject({
      loadBalancer: z
        .looseObject({
          ingress: z.array(z.looseObject({ ip: z.string().optional(), hostname: z.string().optional() })).nullish(),
        })
        .nullish(),
    })
    .nullish(),
});
const parentRef = z.looseObject({
  kind: z.string().default("Gateway"),
  name: z.string(),
  namespace: z.string().optional(),
  sectionName: z.string().optional(),
});
const listeners = z.array(z.looseObject({ name: z.string(), port: z.number() })).default([]);
const tcpRoute = z.looseObject({
  apiVersion: z.string().default("gateway.networking.k8s.io/v1"),
  metadata,
  spec: z.looseObject({
    parentRefs: z.array(parentRef).default([]),
    rules: z
      .array(z.looseObject({ backendRefs: z.array(z.looseObject({ name: z.string() })).default([]) }))
      .default([]),
  }),
});
const listenerSet = z.looseObject({ metadata, spec: z.looseObject({ parentRef, listeners }) });
const gateway = z.looseObject({
  metadata,
  spec: z.looseObject({ gatewayClassName: z.string().optional(), listeners }),
  status: z.looseObject({ addresses: z.array(z.looseObject({ value: z.string() })).nullish() }).nullish(),
});
const transportServer = z.looseObject({
  metadata,
  spec: z.looseObject({
    ingressClassName: z.string().optional(),
    listener: z.looseObject({ name: z.string() }),
    upstreams: z.array(z.looseObject({ service: z.string() })).default([]),
  }),
});
const globalConfiguration = z.looseObject({ metadata, spec: z.looseObject({ listeners }) });

/** What exposes the sides of one cluster in ways other than ingress-nginx. Objects that lead elsewhere are left out. */
export function liveExposures(
  { name: cluster, exposing }: Pick<ClusterContents, "name" | "exposing">,
  sides: readonly LiveSide[],
): LiveExposure[] {
  if (!exposing) return [];
  const targets = sides.filter((side) => side.cluster === cluster);
  const leadsToSide = ({ namespace, service: name }: LiveExposure) =>
    targets.some((side) => side.namespace === namespace && side.service === name);
  return [
    ...exposedServices(cluster, exposing, targets),
    ...routes(cluster, exposing),
    ...transportServers(cluster, exposing),
  ].filter(leadsToSide);
}

/** A Service of its own that selects the pods of a side, as the operator's Service does. */
function exposedServices(cluster: string, exposing: ExposingObjects, sides: readonly LiveSide[]): LiveExposure[] {
  const services = parsed(service, exposing.services);
  const targets = services.filter(({ metadata: { name, namespace } }) =>
    sides.some((side) => side.service === name && side.namespace === namespace),
  );
  return services.flatMap((each): LiveExposure[] => {
    const { type, selector, ports, loadBalancerClass, externalTrafficPolicy, loadBalancerSourceRanges } = each.spec;
    const [port] = ports;
    const number = type === "NodePort" ? port?.nodePort : port?.port;
    const target = targets.find(
      ({ metadata: { namespace }, spec }) =>
        namespace === each.metadata.namespace && isDeepStrictEqual(spec.selector, selector),
    );
    if (!target || target === each || Object.keys(selector ?? {}).length === 0 || number === undefined) return [];
    const kind = type === "LoadBalancer" ? "loadBalancer" : type === "NodePort" ? "nodePort" : undefined;
    if (!kind) return [];
    const [address] = each.status?.loadBalancer?.ingress ?? [];
    const annotations = Object.entries(each.metadata.annotations ?? {}).filter(([key]) => !isOfTools(key));
    const policy = externalTrafficPolicy === "Local" ? { externalTrafficPolicy } : {};
    const settings =
      kind === "nodePort"
        ? policy
        : {
            ...(loadBalancerClass === undefined ? {} : { class: loadBalancerClass }),
            ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
            ...policy,
            ...(loadBalancerSourceRanges === undefined ? {} : { sourceRanges: loadBalancerSourceRanges }),
          };
    return [
      {
        ...{ cluster, kind, settings, port: number },
        ...placed("Service", each.metadata),
        service: target.metadata.name,
        host: kind === "nodePort" ? undefined : (address?.hostname ?? address?.ip),
      },
    ];
  });
}

/** Annotations that tools keep, and that say nothing of how a Service is exposed. */
function isOfTools(key: string): boolean {
  return /^(?:[\w.-]+\.)?(?:kubernetes|pulumi)\.(?:io|com)\/(?:last-applied|skipAwait|patchForce|autonamed)/.test(key);
}

function routes(cluster: string, exposing: ExposingObjects): LiveExposure[] {
  const gateways = parsed(gateway, exposing.gateways);
  const sets = parsed(listenerSet, exposing.listenerSets);
  return parsed(tcpRoute, exposing.tcpRoutes).flatMap((route): LiveExposure[] => {
    const [parent] = route.spec.parentRefs;
    const backend = route.spec.rules[0]?.backendRefs[0];
    if (!parent || !backend) return [];
    const { namespace: own } = route.metadata;
    const isAt = (each: { readonly metadata: { readonly name: string; readonly namespace: string } }) =>
      each.metadata.name === parent.name && each.metadata.namespace === (parent.namespace ?? own);
    const set = parent.kind === "ListenerSet" ? sets.find(isAt) : undefined;
    const place = set ? { namespace: set.metadata.namespace, ...set.spec.parentRef } : { namespace: own, ...parent };
    const owner = gateways.find(
      ({ metadata: { name, namespace } }) => name === place.name && namespace === place.namespace,
    );
    const all = set ? set.spec.listeners : (owner?.spec.listeners ?? []);
    const listener = all.find(({ name }) => parent.sectionName === undefined || name === parent.sectionName);
    if (!listener || place.namespace === undefined) return [];
    const { apiVersion, metadata: at } = route;
    const version = apiVersion.split("/").at(-1);
    const ours = owner?.metadata.labels?.["app.kubernetes.io/managed-by"] === "bigpeer-topology";
    const settings = {
      ...{ name: place.name, namespace: place.namespace },
      ...(set
        ? {}
        : ours
          ? { listeners: "gateway", className: owner?.spec.gatewayClassName }
          : { listeners: "existing" }),
      ...(listener.name === `bigpeer-${listener.port}` ? {} : { listener: listener.name }),
      ...(version === "v1" ? {} : { routeVersion: version }),
    };
    const host = owner?.status?.addresses?.[0]?.value;
    return [
      {
        ...{ cluster, kind: "gateway", settings, host, port: listener.port },
        ...placed("TCPRoute", at),
        service: backend.name,
      },
    ];
  });
}

function transportServers(cluster: string, exposing: ExposingObjects): LiveExposure[] {
  const configurations = parsed(globalConfiguration, exposing.globalConfigurations);
  const services = parsed(service, exposing.services);
  return parsed(transportServer, exposing.transportServers).flatMap((each): LiveExposure[] => {
    const { listener, ingressClassName, upstreams } = each.spec;
    const [upstream] = upstreams;
    for (const { metadata: at, spec } of configurations) {
      const port = spec.listeners.find(({ name }) => name === listener.name)?.port;
      if (port === undefined || !upstream) continue;
      const controller = services.find(
        ({ metadata: { namespace }, spec: { ports } }) =>
          namespace === at.namespace && ports.some((open) => open.port === port),
      );
      const [address] = controller?.status?.loadBalancer?.ingress ?? [];
      const settings = {
        ...(ingressClassName === undefined ? {} : { ingressClass: ingressClassName }),
        ...(at.namespace === "nginx-ingress" ? {} : { namespace: at.namespace }),
        ...(controller && controller.metadata.name !== "nginx-ingress" ? { service: controller.metadata.name } : {}),
        ...(at.name === "nginx-configuration" ? {} : { globalConfiguration: at.name }),
      };
      const host = address?.hostname ?? address?.ip;
      return [
        {
          ...{ cluster, kind: "transportServer", settings, host, port },
          ...placed("TransportServer", each.metadata),
          service: upstream.service,
        },
      ];
    }
    return [];
  });
}

function placed(kind: string, { name, namespace }: z.output<typeof metadata>) {
  return { object: `${kind} ${namespace}/${name}`, name, namespace };
}

/** Those of a form that is known. */
function parsed<T extends z.ZodType>(schema: T, objects: readonly unknown[]): z.output<T>[] {
  return objects.flatMap((each) => {
    const result = schema.safeParse(each);
    return result.success ? [result.data] : [];
  });
}
