import { deriveProbe, parsePredicate } from "../dql/index.ts";
import { type DocumentFields, matchesAny, reachedBy } from "../topology/flows/flows.ts";
import { placeholderInQuery } from "../topology/flows/placeholders.ts";
import type { Plan, PlannedReplication } from "../topology/plan/plan.ts";

/** One question to the running Big Peers: does a document of this kind get from one to the other, as the plan says it does or does not? */
export interface Probe {
  readonly replication: string;
  readonly app: string;
  readonly from: string;
  readonly to: string;
  readonly collection: string;
  /** The fields of the probe document beside its `_id`; undefined if no document is known that the query would match. */
  readonly document: DocumentFields | undefined;
  /** `arrives` if the document has to arrive, `stays away` if it must not. */
  readonly expected: "arrives" | "stays away";
  /** The reason why there is no document, or the source of its fields. */
  readonly reason: string;
}

/**
 * Every direction of every link, in the order of the plan, but for paused replications. What another replication of the app brings anyway is
 * not asked to stay away.
 */
export function planProbes(plan: Plan): Probe[] {
  return [...plan.replications.values()].flatMap((replication) =>
    replication.paused ? [] : probesOf(plan, replication),
  );
}

/** The paused replications that have any probe of a selection: nothing is asked of them. */
export function skippedReplications(plan: Plan, only: (probe: Probe) => boolean): string[] {
  return [...plan.replications.values()].flatMap((replication) =>
    replication.paused && probesOf(plan, replication).some(only) ? [replication.name] : [],
  );
}

function probesOf(plan: Plan, replication: PlannedReplication): Probe[] {
  return replication.links.flatMap(({ initiator, target }) => [
    ...direction(plan, replication, initiator, target),
    ...direction(plan, replication, target, initiator),
  ]);
}

function direction(plan: Plan, replication: PlannedReplication, from: string, to: string): Probe[] {
  const own = replication.sides.find((side) => side.peer === to)?.subscribes ?? {};
  const others = replication.sides.find((side) => side.peer === from)?.subscribes ?? {};
  const base = { replication: replication.name, app: replication.app, from, to };
  const arriving = Object.entries(own).map(([collection, predicates]): Probe => {
    const { document, reason } = probeDocument(replication, collection, predicates);
    return { ...base, collection, document, expected: "arrives", reason };
  });
  const staying = Object.entries(others).flatMap(([collection, predicates]): Probe[] => {
    const { document, reason } = probeDocument(replication, collection, predicates);
    if (document && reachedBy(plan, replication.app, from, collection, document).has(to)) return [];
    return [{ ...base, collection, document, expected: "stays away", reason }];
  });
  return [...arriving, ...staying];
}

/** A document that the predicates match: given as `probe:`, else derived from the first predicate that tells what it wants. */
function probeDocument(
  replication: PlannedReplication,
  collection: string,
  predicates: readonly string[],
): { document: DocumentFields | undefined; reason: string } {
  const given = replication.probe?.[collection];
  if (given && matchesAny(predicates, given)) return { document: given, reason: "given as `probe:`" };
  // A document made up with a placeholder in it would arrive, and prove that documents which nobody writes do.
  const unfilled = predicates.map(placeholderInQuery).find((placeholder) => placeholder !== undefined);
  for (const predicate of predicates) {
    const parsed = parsePredicate(predicate);
    if (!parsed.ok || placeholderInQuery(predicate) !== undefined) continue;
    const derived = deriveProbe(parsed.expression);
    if (derived.ok) return { document: derived.fields, reason: `derived from ${predicate}` };
  }
  return {
    document: undefined,
    reason: given
      ? `the given \`probe:\` for ${collection} matches none of its queries`
      : unfilled !== undefined
        ? `nothing fills the placeholder ${unfilled} in ${predicates.join("; ")}: no document that somebody writes is known to match`
        : `no document can be derived from ${predicates.join("; ")}: give one as replications.${replication.name}.probe.${collection}`,
  };
}
