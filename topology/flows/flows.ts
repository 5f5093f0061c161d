import { evaluate, parsePredicate } from "../../dql/index.ts";
import type { Plan, PlannedReplication } from "../plan/plan.ts";

/** Fields of a document, without its `_id`. */
export type DocumentFields = Readonly<Record<string, unknown>>;

/** True if any of the predicates matches a document. One that this project cannot read matches nothing. */
export function matchesAny(predicates: readonly string[], document: DocumentFields): boolean {
  return predicates.some((text) => {
    const parsed = parsePredicate(text);
    return parsed.ok && evaluate(parsed.expression, document, {});
  });
}

/** True if a replication carries a document from one peer to another: it runs, they have a link, and the receiver subscribes to it. */
function carries(
  replication: PlannedReplication,
  from: string,
  to: string,
  collection: string,
  document: DocumentFields,
): boolean {
  const linked = replication.links.some(
    ({ initiator, target }) => (initiator === from && target === to) || (initiator === to && target === from),
  );
  const predicates = replication.sides.find((side) => side.peer === to)?.subscribes[collection] ?? [];
  return !replication.paused && linked && matchesAny(predicates, document);
}

/** The peers that a document comes to if it is written on one of them, over any number of replications of its app. */
export function reachedBy(
  plan: Plan,
  app: string,
  source: string,
  collection: string,
  document: DocumentFields,
): ReadonlySet<string> {
  const replications = [...plan.replications.values()].filter((replication) => replication.app === app);
  const reached = new Set([source]);
  for (const from of reached) {
    for (const replication of replications) {
      for (const { peer } of replication.sides) {
        if (!reached.has(peer) && carries(replication, from, peer, collection, document)) reached.add(peer);
      }
    }
  }
  return reached;
}
