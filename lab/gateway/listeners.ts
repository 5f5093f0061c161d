/** Finds the listeners of a Gateway, its own and those of its ListenerSets, and decides which of them can be served. */
import { type Condition, condition } from "../operator/conditions.ts";
import type { WatchedObject } from "../operator/object-cache.ts";
import { chooses } from "./namespaces.ts";
import { byAge, type Gateway, type GatewayObjects, group, type Listener, type ListenerSet } from "./objects.ts";

/** A listener of a Gateway or a ListenerSet, judged. */
export interface JudgedListener {
  readonly owner: WatchedObject;
  readonly listener: Listener;
  /** True if routes may attach to it. */
  readonly valid: boolean;
  /** Kinds of routes that it takes. */
  readonly supportedKinds: readonly string[];
  readonly conditions: readonly Condition[];
}

export interface JudgedSet {
  readonly set: ListenerSet;
  /** The reason why it is not taken; undefined if it is taken. */
  readonly refused: Condition | undefined;
  readonly listeners: readonly JudgedListener[];
}

export interface JudgedGateway {
  readonly gateway: Gateway;
  /** The reason why it is not taken; undefined if it is taken. */
  readonly refused: Condition | undefined;
  readonly listeners: readonly JudgedListener[];
  readonly sets: readonly JudgedSet[];
}

/** Kinds of routes by protocol. HTTP is known, so that its ports are taken, but not served. */
const kindsOf: Readonly<Record<string, readonly string[]>> = { TCP: ["TCPRoute"], HTTP: ["HTTPRoute"] };

export function judgeListeners(gateway: Gateway, { listenerSets, namespaces }: GatewayObjects): JudgedGateway {
  const { namespace, name } = gateway.object.metadata;
  const refused =
    gateway.spec.addresses.length === 0
      ? undefined
      : condition("Accepted", false, "UnsupportedAddress", "this implementation chooses the address itself");
  const taken = new Map<number, Listener[]>();
  const own = gateway.spec.listeners;
  const listeners = own.map((listener) =>
    judge(
      gateway.object,
      listener,
      conflictOf(
        listener,
        own.filter((other) => other !== listener),
      ),
    ),
  );
  take(taken, listeners);
  const sets = listenerSets
    .filter(
      ({ object, spec: { parentRef } }) =>
        parentRef.group === group &&
        parentRef.kind === "Gateway" &&
        parentRef.name === name &&
        (parentRef.namespace ?? object.metadata.namespace) === namespace,
    )
    .toSorted(byAge)
    .map((set): JudgedSet => {
      const from = set.object.metadata.namespace;
      if (!chooses(gateway.spec.allowedListeners.namespaces, namespace, from, namespaces)) {
        const message = `Gateway ${namespace}/${name} takes no ListenerSet from namespace ${from} (spec.allowedListeners)`;
        return { set, refused: condition("Accepted", false, "NotAllowed", message), listeners: [] };
      }
      if (refused) {
        const message = `Gateway ${namespace}/${name} is not accepted`;
        return { set, refused: condition("Accepted", false, "ParentNotAccepted", message), listeners: [] };
      }
      const judged = set.spec.listeners.map((listener) => {
        const others = set.spec.listeners.filter((other) => other !== listener);
        return judge(set.object, listener, conflictOf(listener, [...(taken.get(listener.port) ?? []), ...others]));
      });
      take(taken, judged);
      return { set, refused: undefined, listeners: judged };
    });
  return { gateway, refused, listeners, sets };
}

/** Listeners that were refused take no port, and of two in conflict within one object neither is served. */
function take(taken: Map<number, Listener[]>, judged: readonly JudgedListener[]): void {
  for (const { listener, valid } of judged)
    if (valid) taken.set(listener.port, [...(taken.get(listener.port) ?? []), listener]);
}

interface Conflict {
  readonly reason: "ProtocolConflict" | "HostnameConflict";
  readonly port: number;
}

function conflictOf(listener: Listener, others: readonly Listener[]): Conflict | undefined {
  const { port } = listener;
  for (const other of others) {
    // UDP has ports of its own.
    if (other.port !== port || (other.protocol === "UDP") !== (listener.protocol === "UDP")) continue;
    // Nothing but the port tells TCP connections apart.
    if (other.protocol !== listener.protocol || listener.protocol === "TCP")
      return { reason: "ProtocolConflict", port };
    if (other.hostname === listener.hostname) return { reason: "HostnameConflict", port };
  }
  return undefined;
}

function judge(owner: WatchedObject, listener: Listener, conflict: Conflict | undefined): JudgedListener {
  const known = kindsOf[listener.protocol];
  const asked = listener.allowedRoutes.kinds;
  const supportedKinds = (known ?? []).filter(
    (kind) => asked.length === 0 || asked.some((each) => each.group === group && each.kind === kind),
  );
  const unknownKinds = asked.filter((each) => each.group !== group || !known?.includes(each.kind));
  const resolved =
    unknownKinds.length === 0
      ? condition("ResolvedRefs", true, "ResolvedRefs")
      : condition(
          "ResolvedRefs",
          false,
          "InvalidRouteKinds",
          `a listener of protocol ${listener.protocol} takes no ${unknownKinds.map(({ kind }) => kind).join(", ")}`,
        );
  const accepted = acceptedOf(listener, known !== undefined, conflict);
  const valid = accepted.status === "True" && supportedKinds.length > 0;
  const conflicted = conflict
    ? condition("Conflicted", true, conflict.reason, accepted.message)
    : condition("Conflicted", false, "NoConflicts");
  const programmed = valid
    ? condition("Programmed", true, "Programmed")
    : condition("Programmed", false, "Invalid", accepted.message || resolved.message);
  return { owner, listener, valid, supportedKinds, conditions: [accepted, programmed, resolved, conflicted] };
}

function acceptedOf(listener: Listener, known: boolean, conflict: Conflict | undefined): Condition {
  if (!known) {
    const message = `the lab serves TCP alone, not ${listener.protocol}`;
    return condition("Accepted", false, "UnsupportedProtocol", message);
  }
  if (!conflict) return condition("Accepted", true, "Accepted");
  const message = `port ${conflict.port} has another listener`;
  return condition("Accepted", false, conflict.reason, message);
}
