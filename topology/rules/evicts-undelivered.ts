import { names } from "../../report/words.ts";
import type { Plan, PlannedReplication } from "../plan/plan.ts";
import type { Rule } from "./rule.ts";

/** Finds peers that may evict documents which a paused replication has not delivered. */
export const evictsUndelivered: Rule = {
  id: "evicts-undelivered",
  severity: "warning",
  summary: "A peer evicts from a collection that a paused replication would carry to others.",
  why: "a document that is evicted before it has been delivered never gets there, and nothing reports it",
  source: "guide: EVICT drops a document on the Big Peer where it runs, and replicates nothing",
  ignorable: true,
  *check({ plan }) {
    for (const replication of plan.replications.values()) {
      if (!replication.paused) continue;
      for (const [peer, collection, receivers] of waiting(plan, replication))
        yield {
          path: ["replications", replication.name, "paused"],
          what: `"${peer}" evicts from ${collection}, which ${names(receivers)} no longer ${receivers.length === 1 ? "gets" : "get"}`,
          fix: `stop evicting ${collection} on "${peer}" until the replication has been resumed and has caught up (\`bigpeer evict --peer ${peer} --collection ${collection}\`)`,
        };
    }
  },
};

/** Peers that evict from a collection, and those to which the replication would carry it. */
function* waiting(
  { peers }: Plan,
  { links, sides }: PlannedReplication,
): Iterable<[peer: string, collection: string, receivers: string[]]> {
  for (const { peer } of sides)
    for (const collection of peers.get(peer)?.settings.evicts ?? []) {
      const receivers = sides.filter(
        (side) =>
          side.subscribes[collection] !== undefined &&
          links.some(
            ({ initiator, target }) =>
              (initiator === peer && target === side.peer) || (target === peer && initiator === side.peer),
          ),
      );
      if (receivers.length > 0) yield [peer, collection, receivers.map((side) => side.peer)];
    }
}
