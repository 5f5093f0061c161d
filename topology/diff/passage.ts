import type { Expression } from "../../dql/index.ts";
import type { DocumentFields } from "../flows/flows.ts";
import { type DataFlow, expressionOf, matches } from "./data-flows.ts";
import { tellingDocuments } from "./telling-documents.ts";

/** Says whether any document comes from one peer to another, via any others: `unknown` where that takes too long to find out. */
export type Passage = "some" | "none" | "unknown";

/** Ways that are tried between two peers. */
const maxWays = 500;

/** Answers for one collection of one plan.
 * @param flows all of the collection
 * @param budget what may still be spent; it is charged */
export function passages(flows: readonly DataFlow[], budget: { steps: number }): (from: string, to: string) => Passage {
  const outgoing = Map.groupBy(flows, ({ from }) => from);
  const incoming = Map.groupBy(flows, ({ to }) => to);
  const sourcesOf = new Map<string, ReadonlySet<string>>();
  const found = new Map<string, Passage>();
  const shared = new Map<string, Meeting>();

  /** Every peer from which a way leads here, whatever goes by it. */
  function sources(to: string): ReadonlySet<string> {
    const known = sourcesOf.get(to);
    if (known) return known;
    const peers = new Set([to]);
    for (const peer of peers)
      for (const { from } of incoming.get(peer) ?? []) {
        budget.steps--;
        peers.add(from);
      }
    sourcesOf.set(to, peers);
    return peers;
  }

  function search(from: string, to: string): Passage {
    const leading = sources(to);
    if (!leading.has(from)) return "none";
    let unknown = false;
    const tried = new Set<string>();
    const ways: { peer: string; queries: readonly string[] }[] = [{ peer: from, queries: [] }];
    for (let way = ways.pop(); way; way = ways.pop()) {
      for (const { to: next, predicates } of outgoing.get(way.peer) ?? []) {
        if (!leading.has(next)) continue;
        for (const query of predicates) {
          const queries = [...new Set([...way.queries, query])].sort();
          const key = JSON.stringify([next, queries]);
          if (tried.has(key)) continue;
          tried.add(key);
          if (tried.size > maxWays || budget.steps <= 0) return "unknown";
          const meeting = shared.get(JSON.stringify(queries)) ?? meet(queries, budget);
          shared.set(JSON.stringify(queries), meeting);
          if (meeting === "unknown") unknown = true;
          if (meeting === "some" && next === to) return "some";
          if (meeting === "some") ways.push({ peer: next, queries });
        }
      }
    }
    return unknown ? "unknown" : "none";
  }

  return (from, to) => {
    const key = JSON.stringify([from, to]);
    const passage = found.get(key) ?? search(from, to);
    found.set(key, passage);
    return passage;
  };
}

type Meeting = Passage;

/** True if one document matches all of these queries. */
function meet(queries: readonly string[], budget: { steps: number }): Meeting {
  const expressions = queries.map(expressionOf).filter((each): each is Expression => each !== undefined);
  if (expressions.length < queries.length) return "unknown";
  const { documents, complete } = tellingDocuments(expressions);
  const all = (document: DocumentFields) => queries.every((query) => matches([query], document));
  budget.steps -= documents.length;
  return documents.some(all) ? "some" : complete ? "none" : "unknown";
}
