import { names } from "../../report/words.ts";
import type { Plan, PlannedReplication } from "../plan/plan.ts";

/** Who takes whose place, and who dials it from then on, one sentence for each pair. */
export function failoverConsequences(base: Plan, head: Plan): string[] {
  const begins = [...head.failover]
    .filter(([failed, standby]) => base.failover.get(failed) !== standby)
    .map(([failed, standby]) => `${standby} takes the place of ${failed}${diallersText(base, head, failed, standby)}.`);
  const ends = [...base.failover]
    .filter(([failed, standby]) => head.failover.get(failed) !== standby)
    .map(
      ([failed, standby]) =>
        `${failed} takes its place back from ${standby}${diallersText(base, head, standby, failed)}.`,
    );
  return [...begins, ...ends];
}

/** ` in menus and orders: shop-1, shop-2 dial it instead of hub`; empty where nothing moves. */
function diallersText(base: Plan, head: Plan, from: string, to: string): string {
  const moved = movedReplications(base, head, to);
  if (moved.length === 0) return ", in no replication";
  const diallers = new Set(
    moved.flatMap(({ links }) => links.flatMap(({ initiator, target }) => (target === to ? [initiator] : []))),
  );
  const dialled =
    diallers.size === 0
      ? ""
      : `: ${names([...diallers])} ${diallers.size === 1 ? "dials" : "dial"} it instead of ${from}`;
  return ` in ${names(moved.map(({ name }) => name))}${dialled}`;
}

/** The replications in which a peer has a link that it did not have before. */
export function movedReplications(base: Plan, head: Plan, peer: string): PlannedReplication[] {
  return [...head.replications.values()].filter(({ name, links }) => {
    const before = base.replications.get(name)?.links ?? [];
    const key = ({ initiator, target }: { initiator: string; target: string }) => [initiator, target].sort().join("/");
    const known = new Set(before.map(key));
    return links.some((link) => [link.initiator, link.target].includes(peer) && !known.has(key(link)));
  });
}
