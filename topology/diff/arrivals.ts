import type { DocumentFields } from "../flows.ts";
import type { Plan } from "../plan.ts";
import { type DataFlow, dataFlows, type FlowChange, matches, samples } from "./data-flows.ts";
import { type FlowIndex, indexFlows } from "./flow-index.ts";

/** Documents that come to a peer over others, or no longer do. What flows between two peers directly is a FlowChange. */
export interface ArrivalChange {
  readonly effect: "starts" | "stops";
  readonly app: string;
  readonly collection: string;
  /** The predicate whose documents it is about. */
  readonly query: string;
  /** One of these documents, as JSON; undefined where the predicate cannot be read. */
  readonly sample: string | undefined;
  /** On which peers they are written. */
  readonly from: readonly string[];
  readonly to: readonly string[];
}

export interface Arrivals {
  readonly changes: readonly ArrivalChange[];
  /** False: given up for its size, and then there are no changes. */
  readonly complete: boolean;
}

/** Judged queries and followed connections after which the search is given up: some hundred milliseconds. What it found by then would mislead. */
const maxSteps = 1_000_000;

/** Where documents that changed flows concern come to over more than one replication, judged by sample documents. */
export function arrivalChanges(base: Plan, head: Plan, changed: readonly FlowChange[]): Arrivals {
  const before = byCollection(dataFlows(base));
  const after = byCollection(dataFlows(head));
  const found = new Map<string, Arrival>();
  const budget = { steps: maxSteps };
  for (const [key, queries] of concerned(changed)) {
    const [app = "", collection = ""] = key.split("/");
    const [earlier, later] = [before.get(key) ?? [], after.get(key) ?? []];
    const [earlierIndex, laterIndex] = [indexFlows(earlier), indexFlows(later)];
    for (const { query, document } of documentsOf(queries)) {
      const carried = (flows: readonly DataFlow[], index: FlowIndex) => {
        const asked = document ? index.candidates(document) : flows;
        budget.steps -= asked.length;
        return asked.filter(({ predicates }) =>
          document ? matches(predicates, document) : predicates.includes(query),
        );
      };
      const old = graphOf(carried(earlier, earlierIndex));
      const now = graphOf(carried(later, laterIndex));
      if (budget.steps <= 0) return { changes: [], complete: false };
      for (const source of sources(old, now)) {
        const reachedBefore = reached(old, source, budget);
        const reachedAfter = reached(now, source, budget);
        if (budget.steps <= 0) return { changes: [], complete: false };
        note("starts", source, reachedAfter, reachedBefore, now);
        note("stops", source, reachedBefore, reachedAfter, old);
      }
      function note(
        effect: ArrivalChange["effect"],
        source: string,
        peers: ReadonlySet<string>,
        others: ReadonlySet<string>,
        graph: Graph,
      ) {
        for (const to of peers) {
          if (others.has(to) || graph.get(source)?.has(to)) continue;
          const sample = document === undefined ? undefined : JSON.stringify(document);
          const id = [effect, key, query, sample, to].join("/");
          const known = found.get(id) ?? { effect, app, collection, query, sample, from: new Set(), to };
          known.from.add(source);
          found.set(id, known);
        }
      }
    }
  }
  return { changes: grouped(found.values()), complete: true };
}

interface Arrival extends Omit<ArrivalChange, "from" | "to"> {
  readonly from: Set<string>;
  readonly to: string;
}

/** One entry for all receivers that the same sources reach: a new spoke of sixty is two entries, not sixty. */
function grouped(arrivals: Iterable<Arrival>): ArrivalChange[] {
  const same = ({ effect, app, collection, query, sample, from }: Arrival) =>
    [effect, app, collection, query, sample, ...[...from].sort()].join("\n");
  return [...Map.groupBy(arrivals, same).values()].flatMap((group) =>
    group.slice(0, 1).map((first) => ({ ...first, from: [...first.from], to: group.map(({ to }) => to) })),
  );
}

interface Sampled {
  readonly query: string;
  readonly document: DocumentFields | undefined;
}

/** Each predicate with every kind of document that it matches, none of them twice. */
function documentsOf(queries: Iterable<string>): Sampled[] {
  const seen = new Set<string>();
  return [...queries].flatMap((query): Sampled[] => {
    const documents = samples(query);
    if (documents.length === 0) return [{ query, document: undefined }];
    return documents.flatMap((document) => {
      const text = JSON.stringify(document);
      if (seen.has(text)) return [];
      seen.add(text);
      return [{ query, document }];
    });
  });
}

/** By app and collection, the predicates that a peer starts or stops to subscribe to. */
function concerned(changes: readonly FlowChange[]): Map<string, Set<string>> {
  const queries = new Map<string, Set<string>>();
  for (const { app, collection, before, after } of changes) {
    const key = `${app}/${collection}`;
    const known = queries.get(key) ?? new Set();
    for (const query of before) if (!after.includes(query)) known.add(query);
    for (const query of after) if (!before.includes(query)) known.add(query);
    queries.set(key, known);
  }
  return queries;
}

function byCollection(flows: ReadonlyMap<string, DataFlow>): Map<string, DataFlow[]> {
  return Map.groupBy(flows.values(), ({ app, collection }) => `${app}/${collection}`);
}

/** From a peer to those that pull the document from it. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

function graphOf(flows: readonly DataFlow[]): Graph {
  const graph = new Map<string, Set<string>>();
  for (const { from, to } of flows) graph.set(from, (graph.get(from) ?? new Set()).add(to));
  return graph;
}

/** Peers from which a changed connection can be reached: elsewhere nothing can have changed. */
function sources(old: Graph, now: Graph): Set<string> {
  const backwards = new Map<string, Set<string>>();
  const found = new Set<string>();
  for (const [graph, other] of [
    [old, now],
    [now, old],
  ] as const) {
    for (const [from, targets] of graph) {
      for (const to of targets) {
        backwards.set(to, (backwards.get(to) ?? new Set()).add(from));
        if (!other.get(from)?.has(to)) found.add(from);
      }
    }
  }
  for (const peer of found) for (const from of backwards.get(peer) ?? []) found.add(from);
  return found;
}

function reached(graph: Graph, source: string, budget: { steps: number }): Set<string> {
  const peers = new Set([source]);
  for (const peer of peers) {
    for (const to of graph.get(peer) ?? []) {
      budget.steps--;
      peers.add(to);
    }
    if (budget.steps <= 0) break;
  }
  peers.delete(source);
  return peers;
}
