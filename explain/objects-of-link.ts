import type { Seen } from "../status/status-row.ts";
import { kubectlFor } from "../topology/objects/kubectl.ts";
import { apiVersionOf } from "../topology/objects/manifests.ts";
import type { ClusterObjectReference } from "../topology/objects/object-reference.ts";
import type { Plan, PlannedSide } from "../topology/plan/plan.ts";
import type { ExplainedLink } from "./link.ts";
import type { LinkSeen } from "./link-seen.ts";

/** An object that a link needs. */
export interface LinkObject {
  readonly ref: ClusterObjectReference;
  /** The condition by which its operator says that it works; undefined: it has none. */
  readonly condition: string | undefined;
}

/** The objects that a link needs, those that others depend on first. */
export function objectsOf(plan: Plan, { initiator, target }: ExplainedLink): LinkObject[] {
  const { kinds, readyCondition } = plan.operator;
  const sides = [initiator, target];
  return [
    ...sides.map((side) => ({ ref: operatorRef(plan, side, kinds.bigPeer, side.peer), condition: readyCondition })),
    ...[
      [initiator, target],
      [target, initiator],
    ].flatMap(([truster, trusted]) => (truster && trusted ? trustSecretOf(plan, truster, trusted) : [])),
    ...sides.map((side) => ({ ref: operatorRef(plan, side, kinds.app, side.appObject), condition: "Ready" })),
    ...sides.map((side) => ({ ref: operatorRef(plan, side, kinds.replication, side.name), condition: "Ready" })),
  ];
}

function trustSecretOf(plan: Plan, { peer, cluster, namespace }: PlannedSide, trusted: PlannedSide): LinkObject[] {
  const secret = plan.peers.get(peer)?.trusts.find((each) => each.peer === trusted.peer)?.secret;
  if (secret === undefined) return [];
  const ref = { cluster, apiVersion: "v1", kind: "Secret", namespace, name: secret, role: "object" as const };
  return [{ ref, condition: undefined }];
}

function operatorRef(
  plan: Plan,
  { cluster, namespace }: PlannedSide,
  kind: string,
  name: string,
): ClusterObjectReference {
  return { cluster, apiVersion: apiVersionOf(plan.operator), kind, namespace, name, role: "object" };
}

export interface SeenObject {
  readonly ref: ClusterObjectReference;
  /** Undefined: it is not there, or it could not be read. */
  readonly object: unknown;
}

export function seenReplication(plan: Plan, side: PlannedSide, seen: LinkSeen): SeenObject {
  return seenAs(operatorRef(plan, side, plan.operator.kinds.replication, side.name), seen);
}

export function seenApp(plan: Plan, side: PlannedSide, seen: LinkSeen): SeenObject {
  return seenAs(operatorRef(plan, side, plan.operator.kinds.app, side.appObject), seen);
}

function seenAs(ref: ClusterObjectReference, seen: LinkSeen): SeenObject {
  const found: Seen = seen.live(ref);
  return { ref, object: "object" in found ? found.object : undefined };
}

/** `BigPeerReplication ditto/blue-cars-bp2`. */
export function nameOf({ kind, namespace, name }: ClusterObjectReference): string {
  return `${kind} ${namespace}/${name}`;
}

/** A kubectl command about an object. */
export function kubectl(plan: Plan, verb: string, { cluster, kind, namespace, name }: ClusterObjectReference): string {
  return `${kubectlFor(plan, cluster)} -n ${namespace} ${verb} ${kind.toLowerCase()} ${name}`;
}

/** The Service that the operator makes for the target. */
export function targetService(
  { target, ...link }: ExplainedLink,
  plan: Plan,
): ClusterObjectReference & { port: number } {
  const { port } = plan.operator.replicationService;
  const service = link.exposure?.backend.service ?? target.serviceAddress.split(".")[0] ?? "";
  const { cluster, namespace } = target;
  return { cluster, apiVersion: "v1", kind: "Service", namespace, name: service, role: "object", port };
}
