/** The objects of Gateway API, as far as the lab's controller looks at them. The API server has filled in their defaults. */
import { z } from "zod";
import type { WatchedObject } from "../operator/object-cache.ts";

export const group = "gateway.networking.k8s.io";
/** The controller name of the lab's stand-in, which ignores a GatewayClass with a different one. */
export const controllerName = "bigpeer-topology.lab/gateway-controller";

const labelSelector = z.looseObject({
  matchLabels: z.record(z.string(), z.string()).default({}),
  matchExpressions: z
    .array(z.looseObject({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) }))
    .default([]),
});
export type LabelSelector = z.output<typeof labelSelector>;

const namespaces = (from: string) =>
  z.looseObject({ from: z.string().default(from), selector: labelSelector.optional() }).prefault({});
export type NamespaceChoice = z.output<ReturnType<typeof namespaces>>;

const listener = z.looseObject({
  name: z.string(),
  port: z.number(),
  protocol: z.string(),
  hostname: z.string().optional(),
  allowedRoutes: z
    .looseObject({
      namespaces: namespaces("Same"),
      kinds: z.array(z.looseObject({ group: z.string().default(group), kind: z.string() })).default([]),
    })
    .prefault({}),
});
export type Listener = z.output<typeof listener>;

const gatewaySpec = z.looseObject({
  gatewayClassName: z.string(),
  addresses: z.array(z.unknown()).default([]),
  allowedListeners: z.looseObject({ namespaces: namespaces("None") }).prefault({}),
  listeners: z.array(listener),
});
const listenerSetSpec = z.looseObject({
  parentRef: z.looseObject({
    group: z.string().default(group),
    kind: z.string().default("Gateway"),
    namespace: z.string().optional(),
    name: z.string(),
  }),
  listeners: z.array(listener),
});
const parentRef = z.looseObject({
  group: z.string().default(group),
  kind: z.string().default("Gateway"),
  namespace: z.string().optional(),
  name: z.string(),
  sectionName: z.string().optional(),
  port: z.number().optional(),
});
export type ParentRef = z.output<typeof parentRef>;
const backendRef = z.looseObject({
  group: z.string().default(""),
  kind: z.string().default("Service"),
  namespace: z.string().optional(),
  name: z.string(),
  port: z.number().optional(),
  weight: z.number().default(1),
});
export type BackendRef = z.output<typeof backendRef>;
const routeSpec = z.looseObject({
  parentRefs: z.array(parentRef).default([]),
  rules: z.array(z.looseObject({ backendRefs: z.array(backendRef).default([]) })),
});
const grantSpec = z.looseObject({
  from: z.array(z.looseObject({ group: z.string(), kind: z.string(), namespace: z.string() })),
  to: z.array(z.looseObject({ group: z.string(), kind: z.string(), name: z.string().optional() })),
});
const classSpec = z.looseObject({ controllerName: z.string() });

export interface Read<Spec> {
  readonly object: WatchedObject;
  readonly spec: Spec;
}
export type Gateway = Read<z.output<typeof gatewaySpec>>;
export type ListenerSet = Read<z.output<typeof listenerSetSpec>>;
export type TcpRoute = Read<z.output<typeof routeSpec>>;
export type Grant = Read<z.output<typeof grantSpec>>;
export type GatewayClass = Read<z.output<typeof classSpec>>;

const read =
  <Schema extends z.ZodType>(schema: Schema) =>
  (object: WatchedObject): Read<z.output<Schema>> => ({ object, spec: schema.parse(object.spec) });

export const readGateway = read(gatewaySpec);
export const readListenerSet = read(listenerSetSpec);
export const readRoute = read(routeSpec);
export const readGrant = read(grantSpec);
export const readClass = read(classSpec);

/** The objects of one cluster that the controller judges. */
export interface GatewayObjects {
  readonly classes: readonly GatewayClass[];
  readonly gateways: readonly Gateway[];
  readonly listenerSets: readonly ListenerSet[];
  readonly routes: readonly TcpRoute[];
  readonly grants: readonly Grant[];
  readonly services: readonly WatchedObject[];
  readonly namespaces: readonly WatchedObject[];
}

export function idOf({ metadata: { namespace, name } }: WatchedObject): string {
  return `${namespace}/${name}`;
}

/** Oldest first, then by `<namespace>/<name>`: who came first keeps what two ask for. */
export function byAge(one: Read<unknown>, other: Read<unknown>): number {
  return createdAt(one.object) - createdAt(other.object) || (idOf(one.object) < idOf(other.object) ? -1 : 1);
}

function createdAt({ metadata: { creationTimestamp } }: WatchedObject): number {
  return creationTimestamp instanceof Date ? creationTimestamp.getTime() : Date.parse(String(creationTimestamp));
}
