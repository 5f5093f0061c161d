import { stackFlag } from "../../status/object-row.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { fieldAt } from "../../topology/value-at.ts";
import type { ExplainedLink } from "../link.ts";
import type { LinkSeen } from "../link-seen.ts";
import { nameOf, objectsOf, seenReplication } from "../objects-of-link.ts";
import { broken, holds, unknown, type Verdict } from "../verdict.ts";

/** Judges whether every object of the link exists, and whether one side dials the other. */
export function objectsLayer(plan: Plan, link: ExplainedLink, seen: LinkSeen): Verdict {
  const { initiator, target } = link;
  const found = objectsOf(plan, link).map(({ ref }) => ({ ref, seen: seen.live(ref) }));
  const missing = found.find((each) => "object" in each.seen && each.seen.object === undefined);
  if (missing)
    return broken(
      "objects",
      `${nameOf(missing.ref)} is not in cluster "${missing.ref.cluster}"`,
      refresh(plan, missing.ref.cluster),
    );
  const connections = dialledBy(plan, link, seen);
  if (connections && seen.address !== undefined && !connections.includes(seen.address)) {
    const instead = connections.length === 0 ? "nobody" : connections.join(", ");
    return broken(
      "objects",
      `${initiator.peer} does not dial ${target.peer} at ${seen.address}: ${plan.operator.kinds.replication} ${initiator.namespace}/${initiator.name} dials ${instead}`,
      refresh(plan, initiator.cluster),
    );
  }
  const [unread] = found.flatMap((each) => ("unknown" in each.seen ? [each.seen.unknown] : []));
  if (unread !== undefined) return unknown("objects", unread);
  const at = seen.address ?? connections?.join(", ");
  return holds(
    "objects",
    `both Big Peers, their apps, their sides of the replication and the Secrets of their trust are there, and ${initiator.peer} dials ${at}`,
  );
}

/** The addresses that the initiator's object has; undefined if it was not read. */
export function dialledBy(plan: Plan, { initiator }: ExplainedLink, seen: LinkSeen): string[] | undefined {
  const { object } = seenReplication(plan, initiator, seen);
  if (object === undefined) return undefined;
  const connections = fieldAt(object, plan.operator.fields.replication.connections);
  return Array.isArray(connections) ? connections.map(String) : [];
}

/** An update that reads the cluster first, and so writes what is gone or was edited by hand. */
export function refresh(plan: Plan, cluster: string): string {
  return `pulumi up --refresh${stackFlag(plan.clusters.get(cluster))}`;
}
