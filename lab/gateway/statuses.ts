/** The status of each object of Gateway API, out of what was judged. */
import { type Condition, condition } from "../operator/conditions.ts";
import type { WatchedObject } from "../operator/object-cache.ts";
import type { JudgedGateway, JudgedListener, JudgedSet } from "./listeners.ts";
import { controllerName, type GatewayClass, group } from "./objects.ts";
import type { Attached, JudgedRoute } from "./routes.ts";

/** The address at which a Gateway listens. */
export interface GatewayPlace {
  readonly address: string | undefined;
  /** The reason why a port could not be opened, by port. */
  readonly failures: ReadonlyMap<number, string>;
}

/** The status to write, without the times of its conditions. */
export interface WantedStatus {
  readonly kind: "GatewayClass" | "Gateway" | "ListenerSet" | "TCPRoute";
  readonly object: WatchedObject;
  readonly status: Readonly<Record<string, unknown>>;
}

export function classStatus({ object }: GatewayClass): WantedStatus {
  return {
    kind: "GatewayClass",
    object,
    status: { conditions: at(object, [condition("Accepted", true, "Accepted")]) },
  };
}

export function gatewayStatus(
  judged: JudgedGateway,
  attached: readonly Attached[],
  { address, failures }: GatewayPlace,
): WantedStatus {
  const { gateway, refused, listeners, sets } = judged;
  const { object } = gateway;
  const taken = sets.filter((set) => set.refused === undefined);
  const valid = [listeners, ...taken.map((set) => set.listeners)].some((each) => each.some((one) => one.valid));
  const accepted = refused ?? acceptedOf(listeners, valid);
  const programmed =
    accepted.status === "False"
      ? condition("Programmed", false, "Invalid", accepted.message)
      : address === undefined
        ? condition("Programmed", false, "AddressNotAssigned", "no address is free")
        : condition("Programmed", true, "Programmed");
  return {
    kind: "Gateway",
    object,
    status: {
      addresses: accepted.status === "True" && address !== undefined ? [{ type: "IPAddress", value: address }] : [],
      attachedListenerSets: taken.length,
      conditions: at(object, [accepted, programmed]),
      listeners: listeners.map((each) => listenerStatus(each, attached, failures)),
    },
  };
}

export function setStatus(
  { set: { object }, refused, listeners }: JudgedSet,
  attached: readonly Attached[],
  { failures }: GatewayPlace,
): WantedStatus {
  const valid = listeners.some((each) => each.valid);
  const accepted = refused ?? acceptedOf(listeners, valid);
  const open = listeners.some((each) => each.valid && !failures.has(each.listener.port));
  const programmed =
    accepted.status === "False"
      ? condition("Programmed", false, accepted.reason, accepted.message)
      : open
        ? condition("Programmed", true, "Programmed")
        : condition("Programmed", false, "PortUnavailable", [...failures.values()].join("; "));
  return {
    kind: "ListenerSet",
    object,
    status: {
      conditions: at(object, [accepted, programmed]),
      listeners: listeners.map((each) => listenerStatus(each, attached, failures)),
    },
  };
}

/** @param before what other controllers have written of it stays */
export function routeStatus({ route: { object }, parents }: JudgedRoute, before: unknown): WantedStatus {
  const others = Array.isArray(before) ? before.filter((each: unknown) => !isOurs(each)) : [];
  const ours = parents.map(({ parentRef, conditions }) => ({
    parentRef,
    controllerName,
    conditions: at(object, conditions),
  }));
  return { kind: "TCPRoute", object, status: { parents: [...others, ...ours] } };
}

function isOurs(parent: unknown): boolean {
  return (
    typeof parent === "object" &&
    parent !== null &&
    "controllerName" in parent &&
    parent.controllerName === controllerName
  );
}

function acceptedOf(listeners: readonly JudgedListener[], valid: boolean): Condition {
  const invalid = listeners.filter((each) => !each.valid).map(({ listener }) => listener.name);
  const message = invalid.length === 0 ? "" : `not served: ${invalid.join(", ")}`;
  if (!valid) return condition("Accepted", false, "ListenersNotValid", message || "there is no listener to serve");
  return condition("Accepted", true, invalid.length === 0 ? "Accepted" : "ListenersNotValid", message);
}

function listenerStatus(
  judged: JudgedListener,
  attached: readonly Attached[],
  failures: ReadonlyMap<number, string>,
): object {
  const { listener, supportedKinds, conditions, owner, valid } = judged;
  const failure = valid ? failures.get(listener.port) : undefined;
  const told = conditions.map((each) =>
    each.type === "Programmed" && failure !== undefined
      ? condition("Programmed", false, "PortUnavailable", failure)
      : each,
  );
  return {
    name: listener.name,
    supportedKinds: supportedKinds.map((kind) => ({ group, kind })),
    attachedRoutes: attached.filter((each) => each.listener === judged).length,
    conditions: at(owner, told),
  };
}

function at({ metadata: { generation } }: WatchedObject, conditions: readonly Condition[]): object[] {
  return conditions.map((each) => ({ ...each, observedGeneration: generation }));
}
