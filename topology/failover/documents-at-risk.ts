import { isCoveredBy } from "../flows/predicates.ts";
import type { Plan, PlannedReplication } from "../plan/plan.ts";

/** Documents of which a standby may lack some when it takes the place of a peer. */
export interface DocumentsAtRisk {
  readonly app: string;
  readonly collection: string;
  /** DQL. */
  readonly query: string;
  /** `none`: nothing brought them to the standby. `last`: it pulled them, and may lack the last ones. */
  readonly missing: "none" | "last";
  /** From whom the standby pulled them; empty where nothing did. */
  readonly from: readonly string[];
  /** Peers that pull such documents or have delivered them, so that they may bring them along. */
  readonly heldBy: readonly string[];
}

/**
 * For every query around a peer: whether a standby has had the documents before it takes the place. Which documents are there only a
 * comparison of the two can tell, and a peer that is dead cannot be compared with.
 * @param plan before the change
 */
export function documentsAtRisk(plan: Plan, peer: string, standby: string): DocumentsAtRisk[] {
  const running = [...plan.replications.values()].filter(({ paused }) => !paused);
  const found = new Map<string, DocumentsAtRisk>();
  for (const replication of [...plan.replications.values()].filter((each) => neighbours(each, peer).length > 0))
    for (const [collection, query, holder] of queriesAround(replication, peer)) {
      const key = [replication.app, collection, query].join("\n");
      const from = sourcesOf(running, replication.app, standby, collection, query);
      const before = found.get(key);
      const heldBy = [...new Set([...(before?.heldBy ?? []), ...holder.filter((each) => each !== standby)])];
      found.set(key, {
        app: replication.app,
        collection,
        query,
        missing: from.length > 0 ? "last" : "none",
        from,
        heldBy,
      });
    }
  return [...found.values()];
}

/** Every query by which documents come to a peer or go from it, with the neighbours that hold or get them. */
function* queriesAround(
  replication: PlannedReplication,
  peer: string,
): Iterable<[collection: string, query: string, holders: readonly string[]]> {
  const others = neighbours(replication, peer);
  const own = replication.sides.find((side) => side.peer === peer)?.subscribes ?? {};
  for (const [collection, queries] of Object.entries(own))
    for (const query of queries) yield [collection, query, others];
  for (const side of replication.sides.filter((each) => others.includes(each.peer)))
    for (const [collection, queries] of Object.entries(side.subscribes))
      for (const query of queries) yield [collection, query, [side.peer]];
}

/** From whom a peer pulls all documents of a query. */
function sourcesOf(
  replications: readonly PlannedReplication[],
  app: string,
  to: string,
  collection: string,
  query: string,
): string[] {
  const sources = replications.flatMap((replication) => {
    const queries = replication.sides.find(({ peer }) => peer === to)?.subscribes[collection] ?? [];
    return replication.app === app && isCoveredBy(query, queries) ? neighbours(replication, to) : [];
  });
  return [...new Set(sources)];
}

function neighbours({ links }: PlannedReplication, peer: string): string[] {
  return links.flatMap(({ initiator, target }) => (initiator === peer ? [target] : target === peer ? [initiator] : []));
}
