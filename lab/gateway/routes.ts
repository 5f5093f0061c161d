/** Decides to which listeners a TCPRoute attaches, and where it leads. */

import { serviceSpec, tcpPorts } from "../exposure/services.ts";
import { type Condition, condition } from "../operator/conditions.ts";
import type { WatchedObject } from "../operator/object-cache.ts";
import type { JudgedGateway, JudgedListener } from "./listeners.ts";
import { chooses } from "./namespaces.ts";
import { type BackendRef, byAge, type GatewayObjects, group, idOf, type ParentRef, type TcpRoute } from "./objects.ts";

/** One share of a route's connections. */
export interface WeightedBackend {
  readonly weight: number;
  /** The Service and port to which they go; undefined if they are rejected. */
  readonly target: { readonly service: WatchedObject; readonly port: number } | undefined;
}

/** A route that is attached to a listener: it decides where the listener's connections go. */
export interface Attached {
  readonly listener: JudgedListener;
  readonly route: TcpRoute;
  readonly backends: readonly WeightedBackend[];
}

export interface JudgedRoute {
  readonly route: TcpRoute;
  readonly parents: readonly { readonly parentRef: ParentRef; readonly conditions: readonly Condition[] }[];
}

export interface JudgedRoutes {
  readonly routes: readonly JudgedRoute[];
  readonly attached: readonly Attached[];
}

export function judgeRoutes(gateways: readonly JudgedGateway[], objects: GatewayObjects): JudgedRoutes {
  const attached: Attached[] = [];
  const routes = objects.routes.toSorted(byAge).map((route): JudgedRoute => {
    const { backends, resolved } = resolve(route, objects);
    const parents = route.spec.parentRefs.flatMap((parentRef) => {
      const listeners = listenersOf(gateways, route, parentRef);
      // A parent that is not there, or of another controller, is for others to judge.
      if (!listeners) return [];
      const { accepted, taken } = attach(route, parentRef, listeners, attached, objects.namespaces);
      attached.push(...taken.map((listener) => ({ listener, route, backends })));
      return [{ parentRef, conditions: [accepted, resolved] }];
    });
    return { route, parents };
  });
  return { routes, attached };
}

/** All listeners of a parent; undefined where it is no parent of ours. */
function listenersOf(
  gateways: readonly JudgedGateway[],
  route: TcpRoute,
  { group: parentGroup, kind, name, namespace = route.object.metadata.namespace }: ParentRef,
): readonly JudgedListener[] | undefined {
  if (parentGroup !== group) return undefined;
  const is = ({ metadata }: WatchedObject) => metadata.name === name && metadata.namespace === namespace;
  // Attaching to a Gateway means its own listeners, never those of its ListenerSets.
  if (kind === "Gateway") {
    const found = gateways.find(({ gateway }) => is(gateway.object));
    return found && (found.refused ? [] : found.listeners);
  }
  if (kind === "ListenerSet") return gateways.flatMap(({ sets }) => sets).find(({ set }) => is(set.object))?.listeners;
  return undefined;
}

function attach(
  route: TcpRoute,
  { sectionName, port, kind, name }: ParentRef,
  listeners: readonly JudgedListener[],
  attached: readonly Attached[],
  namespaces: readonly WatchedObject[],
): { accepted: Condition; taken: JudgedListener[] } {
  const refuse = (reason: string, message: string) => ({
    accepted: condition("Accepted", false, reason, message),
    taken: [],
  });
  const named = listeners.filter(
    ({ listener }) =>
      (sectionName === undefined || listener.name === sectionName) && (port === undefined || listener.port === port),
  );
  const valid = named.filter((each) => each.valid);
  if (valid.length === 0) {
    const what = [
      ...(sectionName === undefined ? [] : [`the name ${sectionName}`]),
      ...(port === undefined ? [] : [`port ${port}`]),
    ].join(" and ");
    const why = named.length === 0 ? `has no listener${what && ` with ${what}`}` : "accepts no listener of this kind";
    return refuse("NoMatchingParent", `${kind} ${name} ${why}`);
  }
  const allowed = valid.filter(
    ({ owner, listener, supportedKinds }) =>
      supportedKinds.includes("TCPRoute") &&
      chooses(listener.allowedRoutes.namespaces, owner.metadata.namespace, route.object.metadata.namespace, namespaces),
  );
  if (allowed.length === 0) {
    const from = `TCPRoutes of namespace ${route.object.metadata.namespace}`;
    return refuse("NotAllowedByListeners", `no listener of ${kind} ${name} takes ${from} (allowedRoutes)`);
  }
  // Nothing in a TCP connection says which of two routes it is meant for.
  const free = allowed.filter((listener) => !attached.some((each) => each.listener === listener));
  if (free.length === 0) {
    const holders = attached.filter((each) => allowed.includes(each.listener)).map((each) => idOf(each.route.object));
    return refuse("UnsupportedValue", `the listener has an older TCPRoute already: ${holders.join(", ")}`);
  }
  return { accepted: condition("Accepted", true, "Accepted"), taken: free };
}

function resolve(route: TcpRoute, objects: GatewayObjects): { backends: WeightedBackend[]; resolved: Condition } {
  const problems: Condition[] = [];
  const backends = route.spec.rules
    .flatMap(({ backendRefs }) => backendRefs)
    .map((ref): WeightedBackend => {
      const found = target(route, ref, objects);
      if ("reason" in found) problems.push(found);
      return { weight: ref.weight, target: "reason" in found ? undefined : found };
    });
  return { backends, resolved: problems[0] ?? condition("ResolvedRefs", true, "ResolvedRefs") };
}

function target(
  route: TcpRoute,
  { group: refGroup, kind, name, port, namespace = route.object.metadata.namespace }: BackendRef,
  { services, grants }: GatewayObjects,
): { service: WatchedObject; port: number } | Condition {
  const refuse = (reason: string, message: string) => condition("ResolvedRefs", false, reason, message);
  if (refGroup !== "" || kind !== "Service") return refuse("InvalidKind", `${kind} ${name} is not a Service`);
  const from = route.object.metadata.namespace;
  const granted =
    namespace === from ||
    grants.some(
      ({ object, spec }) =>
        object.metadata.namespace === namespace &&
        spec.from.some((each) => each.group === group && each.kind === "TCPRoute" && each.namespace === from) &&
        spec.to.some((to) => to.group === "" && to.kind === "Service" && (to.name === undefined || to.name === name)),
    );
  if (!granted)
    return refuse(
      "RefNotPermitted",
      `no ReferenceGrant lets TCPRoutes of ${from} refer to Service ${namespace}/${name}`,
    );
  const service = services.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  if (!service) return refuse("BackendNotFound", `there is no Service ${namespace}/${name}`);
  if (port === undefined || !tcpPorts(serviceSpec(service)).some((each) => each.port === port))
    return refuse("BackendNotFound", `Service ${namespace}/${name} has no TCP port ${port}`);
  return { service, port };
}
