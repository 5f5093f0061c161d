import type { Plan, PlannedApp } from "../topology/plan/plan.ts";

/** A stack, and the clusters of a topology that it owns. */
export interface OwningStack {
  readonly name: string;
  readonly clusters: ReadonlySet<string>;
}

/** A stack in an order in which stacks can be updated. */
export interface OrderedStack {
  readonly name: string;
  /** Those that it owns, in the order of the topology. */
  readonly clusters: readonly string[];
  /** The stacks that are updated before it: their peers are dialled by its own, or they generate the ID or token of an app that it has. */
  readonly after: readonly string[];
  /**
   * Stacks that come after it although it needs something of them: the CA of a peer that dials its own, or, in a circle, the same as of
   * those in `after`. It lists what it lacks as `pending`, and does it in the update that follows theirs.
   */
  readonly completedAfter: readonly string[];
}

interface Needs {
  /** The stacks whose peers it dials. */
  readonly dials: ReadonlySet<string>;
  /** The stacks that generate the ID or token of an app that it has. */
  readonly values: ReadonlySet<string>;
  /** The stacks of whose peers it needs the CA: those that it dials, and those that dial it. */
  readonly trusts: ReadonlySet<string>;
}

const nothing: Needs = { dials: new Set(), values: new Set(), trusts: new Set() };

/**
 * An order for the stacks of a topology: whoever dials comes after whom it dials, and whoever has an app after who generates its ID.
 * Stacks may need each other. Such a circle is broken where the fewest stacks wait for an ID, since without it a stack can do
 * next to nothing, and then where the fewest wait for a peer to dial.
 */
export function orderStacks(plan: Plan, stacks: readonly OwningStack[]): OrderedStack[] {
  const needs = needsOf(plan, stacks);
  const left = [...stacks];
  const done = new Set<string>();
  const ordered: OrderedStack[] = [];
  while (left.length > 0) {
    const next = readiest(left, needs, done);
    left.splice(left.indexOf(next), 1);
    const { dials, values, trusts } = needs.get(next.name) ?? nothing;
    const names = stacks.map(({ name }) => name);
    const waitsFor = names.filter((name) => dials.has(name) || values.has(name));
    const needed = names.filter((name) => waitsFor.includes(name) || trusts.has(name));
    ordered.push({
      name: next.name,
      clusters: [...plan.clusters.keys()].filter((cluster) => next.clusters.has(cluster)),
      after: waitsFor.filter((name) => done.has(name)),
      completedAfter: needed.filter((name) => !done.has(name)),
    });
    done.add(next.name);
  }
  return ordered;
}

/** The first of those that wait for the fewest. */
function readiest(
  left: readonly OwningStack[],
  needs: ReadonlyMap<string, Needs>,
  done: ReadonlySet<string>,
): OwningStack {
  const unmet = (names: ReadonlySet<string>) => [...names].filter((name) => !done.has(name)).length;
  return left.reduce((best, stack) => {
    const [one, other] = [needs.get(stack.name) ?? nothing, needs.get(best.name) ?? nothing];
    const byValues = unmet(one.values) - unmet(other.values);
    return byValues < 0 || (byValues === 0 && unmet(one.dials) < unmet(other.dials)) ? stack : best;
  });
}

function needsOf(plan: Plan, stacks: readonly OwningStack[]): ReadonlyMap<string, Needs> {
  const dialled = dialledClusters(plan);
  const sources = valueSources(plan);
  const trusted = trustedClusters(plan);
  return new Map(
    stacks.map((stack) => [
      stack.name,
      { dials: ownersOf(dialled, stack), values: ownersOf(sources, stack), trusts: ownersOf(trusted, stack) },
    ]),
  );

  function ownersOf(needed: ReadonlyMap<string, ReadonlySet<string>>, { name, clusters }: OwningStack): Set<string> {
    const others = [...clusters].flatMap((cluster) => [...(needed.get(cluster) ?? [])]);
    // Two stacks may own clusters of one name that are not the same one; what a stack has itself it takes from nobody else.
    const elsewhere = others.filter((cluster) => !clusters.has(cluster));
    const owners = stacks.filter((stack) => elsewhere.some((cluster) => stack.clusters.has(cluster)));
    return new Set(owners.map((stack) => stack.name).filter((owner) => owner !== name));
  }
}

/** Cluster -> the clusters whose peers its own dial. */
function dialledClusters(plan: Plan): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { sides } of plan.replications.values())
    for (const { cluster, connections } of sides)
      for (const { peer } of connections) add(found, cluster, plan.peers.get(peer)?.cluster);
  return found;
}

/** Cluster -> the clusters whose peers its own trust. */
function trustedClusters(plan: Plan): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { cluster, trusts } of plan.peers.values())
    for (const { peer } of trusts) add(found, cluster, plan.peers.get(peer)?.cluster);
  return found;
}

/** Cluster -> the clusters whose stacks generate the ID or token of an app that it has. */
function valueSources(plan: Plan): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const app of plan.apps.values())
    if (isGenerated(app))
      for (const { cluster } of app.objects) add(found, cluster, plan.peers.get(app.idOwner)?.cluster);
  return found;
}

function isGenerated({ id, auth }: PlannedApp): boolean {
  return id === undefined || (auth?.playground !== undefined && auth.playground.token === undefined);
}

function add(found: Map<string, Set<string>>, cluster: string, other: string | undefined): void {
  if (other !== undefined) found.set(cluster, (found.get(cluster) ?? new Set()).add(other));
}
