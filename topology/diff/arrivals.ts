import type { DocumentFields } from "../flows/flows.ts";
import type { Plan } from "../plan/plan.ts";
import { type DataFlow, dataFlows, type FlowChange, matches, matchesNothing, samples } from "./data-flows.ts";
import { type FlowIndex, indexFlows } from "./flow-index.ts";
import { type Passage, passages } from "./passage.ts";

/**
 * Documents that come to a peer via others, or no longer do. What flows between two peers directly is a FlowChange.
 * `starts` and `stops`: nothing of the collection came from there before, or does after. `widens` and `narrows`: others come, or may.
 */
export interface ArrivalChange {
  readonly effect: "starts" | "stops" | "widens" | "narrows";
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

/** Says whether all or some documents of a direct flow come via other peers, too: before the flow starts, or after it stops. */
export type Detour = "all" | "some";

export interface Arrivals {
  readonly changes: readonly ArrivalChange[];
  /** For each direct flow: `app/collection/from/to`; none where nothing comes via others. */
  readonly detours: { readonly gained: ReadonlyMap<string, Detour>; readonly lost: ReadonlyMap<string, Detour> };
  /** False: given up for its size, and then there are no changes. */
  readonly complete: boolean;
}

/** Judged queries and followed connections after which the search is given up: some hundred milliseconds. What it found by then would mislead. */
const maxSteps = 1_000_000;

/** The same for the question whether anything else comes. What is not found out then is not said. */
const maxPassageSteps = 500_000;

const givenUp: Arrivals = { changes: [], detours: { gained: new Map(), lost: new Map() }, complete: false };

/** Finds the peers to which documents of changed flows come via more than one replication, judged by sample documents. */
export function arrivalChanges(base: Plan, head: Plan, changed: readonly FlowChange[]): Arrivals {
  const before = byCollection(dataFlows(base));
  const after = byCollection(dataFlows(head));
  const found = new Map<string, Arrival>();
  const detours = { gained: new Map<string, Counted>(), lost: new Map<string, Counted>() };
  const budget = { steps: maxSteps };
  const passageBudget = { steps: maxPassageSteps };
  for (const [key, documents] of concerned(changed)) {
    const [app = "", collection = ""] = key.split("/");
    const [earlier, later] = [before.get(key) ?? [], after.get(key) ?? []];
    const [cameBefore, comesAfter] = [passages(earlier, passageBudget), passages(later, passageBudget)];
    const [earlierIndex, laterIndex] = [indexFlows(earlier), indexFlows(later)];
    for (const { query, document } of documents) {
      const carried = (flows: readonly DataFlow[], index: FlowIndex) => {
        const asked = document ? index.candidates(document) : flows;
        budget.steps -= asked.length;
        return asked.filter(({ predicates }) =>
          document ? matches(predicates, document) : predicates.includes(query),
        );
      };
      const old = graphOf(carried(earlier, earlierIndex));
      const now = graphOf(carried(later, laterIndex));
      if (budget.steps <= 0) return givenUp;
      for (const source of sources(old, now)) {
        const reachedBefore = reached(old, source, budget);
        const reachedAfter = reached(now, source, budget);
        if (budget.steps <= 0) return givenUp;
        note(["starts", "widens"], source, reachedAfter, reachedBefore, now, cameBefore);
        note(["stops", "narrows"], source, reachedBefore, reachedAfter, old, comesAfter);
        if (!document) continue;
        countDetours(detours.gained, [key, source], now, old, reachedBefore);
        countDetours(detours.lost, [key, source], old, now, reachedAfter);
      }
      function note(
        [alone, amongOthers]: readonly [ArrivalChange["effect"], ArrivalChange["effect"]],
        source: string,
        peers: ReadonlySet<string>,
        others: ReadonlySet<string>,
        graph: Graph,
        passage: (from: string, to: string) => Passage,
      ) {
        for (const to of peers) {
          if (others.has(to) || graph.get(source)?.has(to)) continue;
          const effect = passage(source, to) === "none" ? alone : amongOthers;
          const sample = document === undefined ? undefined : JSON.stringify(document);
          const id = [effect, key, query, sample, to].join("/");
          const known = found.get(id) ?? { effect, app, collection, query, sample, from: new Set(), to };
          known.from.add(source);
          found.set(id, known);
        }
      }
    }
  }
  const { gained, lost } = detours;
  return { changes: grouped(found.values()), detours: { gained: toldOf(gained), lost: toldOf(lost) }, complete: true };
}

/** Sample documents that a direct flow gains or loses, and how many of them come via others. */
interface Counted {
  all: number;
  overOthers: number;
}

function countDetours(
  counts: Map<string, Counted>,
  [key, from]: readonly [string, string],
  graph: Graph,
  without: Graph,
  reachedWithout: ReadonlySet<string>,
): void {
  for (const to of graph.get(from) ?? []) {
    if (without.get(from)?.has(to)) continue;
    const flow = [key, from, to].join("/");
    const count = counts.get(flow) ?? { all: 0, overOthers: 0 };
    count.all += 1;
    if (reachedWithout.has(to)) count.overOthers += 1;
    counts.set(flow, count);
  }
}

function toldOf(counts: ReadonlyMap<string, Counted>): ReadonlyMap<string, Detour> {
  return new Map(
    [...counts].flatMap(([flow, { all, overOthers }]): [string, Detour][] =>
      overOthers === 0 ? [] : [[flow, overOthers === all ? "all" : "some"]],
    ),
  );
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

/** For each app and collection: documents that peers may start or stop to get, each with a predicate that matches it. */
function concerned(changes: readonly FlowChange[]): Map<string, Sampled[]> {
  const found = new Map<string, Map<string, Sampled>>();
  for (const { app, collection, before, after, witnesses } of changes) {
    const key = `${app}/${collection}`;
    const known = found.get(key) ?? new Map<string, Sampled>();
    found.set(key, known);
    const changed = [
      ...before.filter((query) => !after.includes(query)),
      ...after.filter((query) => !before.includes(query)),
    ];
    for (const each of changed.flatMap(documentsOf)) {
      const id = each.document === undefined ? each.query : JSON.stringify(each.document);
      if (!known.has(id)) known.set(id, each);
    }
    for (const document of witnesses) {
      const query = changed.find((each) => matches([each], document)) ?? "";
      known.set(JSON.stringify(document), { query, document });
    }
  }
  return new Map([...found].map(([key, documents]) => [key, [...documents.values()]]));
}

/** Every kind of document that a predicate matches. */
function documentsOf(query: string): Sampled[] {
  const documents = samples(query);
  if (documents.length > 0) return documents.map((document) => ({ query, document }));
  return matchesNothing(query) ? [] : [{ query, document: undefined }];
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
