import { stackFlag } from "../status/object-row.ts";
import type { Plan } from "../topology/plan/plan.ts";
import type { ExplainedLink } from "./link.ts";

/** The command that has another address of the target dialled, to follow the fix for the one that is dialled; empty if it has no other. */
export function otherAddress({ clusters, exposures }: Plan, { replication, target }: ExplainedLink): string {
  const other = exposures.find(
    (each) => each.replication === replication.name && each.peer === target.peer && !each.dialled,
  );
  if (!other) return "";
  const at = other.host === undefined ? `by "${other.ingress}"` : `at ${other.host}:${other.port}`;
  return `; ${target.peer} is open ${at}, too, and \`npx bigpeer next-address ${target.peer} --replication ${replication.name}${stackFlag(clusters.get(target.cluster))}\` has that one dialled`;
}
