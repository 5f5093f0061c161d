import { type Expression, parsePredicate, type Relation, relate } from "../../dql/index.ts";
import type { Link } from "../plan/forms.ts";
import type { Plan, PlannedReplication, PlannedSide } from "../plan/plan.ts";
import { type TimeBound, timeBound } from "./time-bound.ts";

/**
 * The effect of EVICT and DELETE on one peer, on the documents of one collection. EVICT drops a document here; it comes back while
 * this peer subscribes, over any replication, to something that covers it (guide). DELETE leaves a tombstone, which goes wherever
 * a subscription covers it, hop by hop.
 */
export interface EvictEntry {
  readonly peer: string;
  readonly app: string;
  readonly collection: string;
  /** True if the topology says that the peer evicts from it. */
  readonly evicts: boolean;
  readonly documents: readonly DocumentKind[];
}

/** The documents that match one query, or those that match none. */
export interface DocumentKind {
  /** DQL; undefined: every document that matches none of the others. */
  readonly query: string | undefined;
  /** The subscriptions that bring them back after EVICT. If it is empty, they stay away. */
  readonly returns: readonly Return[];
  /** The peers that the tombstone reaches after DELETE, the near ones first. If it is empty, it reaches none. */
  readonly tombstone: readonly TombstoneHop[];
  /** Who does not get them, nor the tombstone, before a paused replication is resumed. What is evicted meanwhile never gets there. */
  readonly undelivered: readonly Undelivered[];
}

/** A peer that pulls documents over a replication that is paused, and gets them in no other way. */
export interface Undelivered {
  readonly peer: string;
  /** Name of the paused replication. */
  readonly replication: string;
  /** False: only documents that happen to match its query, too. */
  readonly certain: boolean;
}

/** A subscription of the peer itself that covers such documents. */
export interface Return {
  readonly replication: string;
  /** The place of its query in the topology file. */
  readonly setting: string;
  /** Its query. */
  readonly query: string;
  /** True: not before the replication is resumed. */
  readonly paused: boolean;
  /** False: only documents that happen to match this query, too. */
  readonly certain: boolean;
  readonly from: readonly Neighbour[];
  /** The way to bind it in time. */
  readonly timeBound: TimeBound;
}

export interface Neighbour {
  readonly peer: string;
  /** The connection over which it sends. */
  readonly link: Link;
  /** True if it pulls such documents from this peer. Else it has only those that were written there or came to it from others. */
  readonly pulls: boolean;
}

export interface TombstoneHop {
  readonly peer: string;
  /** Whom it comes from. */
  readonly from: string;
  readonly replication: string;
  /** False: only tombstones of documents that happen to match another query on the way, too. */
  readonly certain: boolean;
}

export interface EvictFilter {
  /** Selects peers with their apps. @default all */
  readonly only?: ((of: { readonly peer: string; readonly app: string }) => boolean) | undefined;
  readonly peer?: string | undefined;
  readonly app?: string | undefined;
  /** May be one that no subscription names. */
  readonly collection?: string | undefined;
}

/** The statements of public sources on sending these statements to a Big Peer's HTTP API, for people. */
export const statementsOverHttp: readonly string[] = [
  "EVICT over a Big Peer's HTTP API: the vendor's sources contradict each other. The replication guide evicts on a Big Peer directly, while the list of statements for the HTTP API says that EVICT is still in development. Try it on one document that you can lose, with POST /<app id>/api/v5/store/execute, and read it back.",
  "DELETE over a Big Peer's HTTP API: the vendor's own command line deletes through /api/v5; no public source shows that /api/v4 accepts DELETE.",
];

/** The evict report of a plan: every collection of every app on every peer that replicates it. Pure. */
export function evictReport(plan: Plan, filter: EvictFilter = {}): EvictEntry[] {
  const related = relations();
  return [...plan.apps.values()].flatMap(({ name: app, objects }) => {
    if (filter.app !== undefined && filter.app !== app) return [];
    const edges = edgesOf([...plan.replications.values()].filter((replication) => replication.app === app));
    return objects.flatMap(({ peer }) => {
      if ((filter.peer !== undefined && filter.peer !== peer) || filter.only?.({ peer, app }) === false) return [];
      const evicted = plan.peers.get(peer)?.settings.evicts ?? [];
      const queries = queriesAround(edges.get(peer) ?? []);
      const collections =
        filter.collection === undefined ? [...new Set([...queries.keys(), ...evicted])] : [filter.collection];
      return collections.map((collection): EvictEntry => {
        const known = [...(queries.get(collection) ?? [])];
        // A document that matches none of the queries around a peer meets no subscription on its first hop, in either direction.
        const others: DocumentKind = { query: undefined, returns: [], tombstone: [], undelivered: [] };
        const kinds = known.map((query) => kindOf(edges, peer, collection, query, related));
        const documents = known.some((query) => /^true$/i.test(query)) ? kinds : [...kinds, others];
        return { peer, app, collection, evicts: evicted.includes(collection), documents };
      });
    });
  });
}

/** A link as one of its ends sees it. */
interface Edge {
  readonly replication: PlannedReplication;
  readonly link: Link;
  readonly own: PlannedSide;
  readonly other: PlannedSide;
}

function edgesOf(replications: readonly PlannedReplication[]): ReadonlyMap<string, readonly Edge[]> {
  const edges = new Map<string, Edge[]>();
  const add = (replication: PlannedReplication, link: Link, own: PlannedSide, other: PlannedSide) =>
    edges.set(own.peer, [...(edges.get(own.peer) ?? []), { replication, link, own, other }]);
  for (const replication of replications) {
    const sides = new Map(replication.sides.map((side) => [side.peer, side]));
    for (const link of replication.links) {
      const [initiator, target] = [sides.get(link.initiator), sides.get(link.target)];
      if (!initiator || !target) continue;
      add(replication, link, initiator, target);
      add(replication, link, target, initiator);
    }
  }
  return edges;
}

/** For each collection: every query by which documents come to a peer or go from it. */
function queriesAround(edges: readonly Edge[]): ReadonlyMap<string, ReadonlySet<string>> {
  const queries = new Map<string, Set<string>>();
  for (const side of edges.flatMap(({ own, other }) => [own, other])) {
    for (const [collection, texts] of Object.entries(side.subscribes)) {
      const known = queries.get(collection) ?? new Set();
      for (const text of texts) known.add(text.trim());
      queries.set(collection, known);
    }
  }
  return queries;
}

type Relate = (query: string, other: string) => Relation;

/** Predicates recur on many peers, so each pair is related once. */
function relations(): Relate {
  const parsed = new Map<string, Expression | undefined>();
  const known = new Map<string, Relation>();
  const expression = (text: string) => {
    if (!parsed.has(text)) {
      const result = parsePredicate(text);
      parsed.set(text, result.ok ? result.expression : undefined);
    }
    return parsed.get(text);
  };
  return (query, other) => {
    const key = `${query}\0${other}`;
    const [one, two] = [expression(query), expression(other)];
    const relation =
      known.get(key) ?? (query.trim() === other.trim() ? "implies" : one && two ? relate(one, two) : "unknown");
    known.set(key, relation);
    return relation;
  };
}

function kindOf(
  edges: ReadonlyMap<string, readonly Edge[]>,
  peer: string,
  collection: string,
  query: string,
  related: Relate,
): DocumentKind {
  const tombstone = tombstoneHops(edges, peer, collection, (other) => related(query, other));
  const pulling = new Set(tombstone.filter(({ certain }) => certain).map((hop) => hop.peer));
  const returns = new Map<string, Return & { from: Neighbour[] }>();
  for (const { replication, link, own, other } of edges.get(peer) ?? []) {
    for (const text of own.subscribes[collection] ?? []) {
      const relation = related(query, text);
      if (relation === "excludes") continue;
      const key = `${replication.name}\0${text}`;
      const known = returns.get(key) ?? {
        replication: replication.name,
        setting: `replications.${replication.name}.${queriesKey(replication, peer, collection, text)}.${collection}`,
        query: text,
        paused: replication.paused,
        certain: relation === "implies",
        from: [],
        timeBound: timeBound(collection, text),
      };
      known.from.push({ peer: other.peer, link, pulls: pulling.has(other.peer) });
      returns.set(key, known);
    }
  }
  const undelivered = undeliveredTo(edges.get(peer) ?? [], collection, pulling, (other) => related(query, other));
  return { query, returns: [...returns.values()], tombstone, undelivered };
}

function undeliveredTo(
  edges: readonly Edge[],
  collection: string,
  reached: ReadonlySet<string>,
  relation: (query: string) => Relation,
): Undelivered[] {
  return edges.flatMap(({ replication, other }): Undelivered[] => {
    if (!replication.paused || reached.has(other.peer)) return [];
    const found = (other.subscribes[collection] ?? []).map(relation);
    const certain = found.includes("implies");
    return certain || found.includes("unknown") ? [{ peer: other.peer, replication: replication.name, certain }] : [];
  });
}

/** The first side of a hub's replication is the hub. */
function queriesKey({ form, sides }: PlannedReplication, peer: string, collection: string, text: string): string {
  const [hub, ...spokes] = sides;
  if (form !== "hub") return "queries";
  if (hub?.peer === peer) return "up";
  // What every spoke pulls is written once for all of them.
  return spokes.every(({ subscribes }) => subscribes[collection]?.includes(text)) ? "down" : `perSpoke.${peer}`;
}

/** First as far as it certainly gets, then from everywhere on as far as it may. */
function tombstoneHops(
  edges: ReadonlyMap<string, readonly Edge[]>,
  start: string,
  collection: string,
  relation: (query: string) => Relation,
): TombstoneHop[] {
  const reached = new Set([start]);
  const hops: TombstoneHop[] = [];
  for (const certain of [true, false]) {
    for (const from of reached) {
      for (const { replication, other } of edges.get(from) ?? []) {
        if (replication.paused || reached.has(other.peer)) continue;
        const found = (other.subscribes[collection] ?? []).map(relation);
        if (!found.includes("implies") && (certain || !found.includes("unknown"))) continue;
        reached.add(other.peer);
        hops.push({ peer: other.peer, from, replication: replication.name, certain });
      }
    }
  }
  return hops;
}
