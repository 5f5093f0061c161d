import { hasLabels } from "../topology/expand/selections.ts";
import type { Plan, PlannedWave } from "../topology/plan/plan.ts";
import type { OwningStack } from "./stack-order.ts";

/** Stacks that are deployed together, before those of the next wave. */
export interface Wave {
  /** Of a wave that repeats, with its number: `shops 2`. */
  readonly name: string;
  /** In the order in which they were given. None: earlier waves have taken whatever it selects. */
  readonly stacks: readonly string[];
  /** True for the last wave, of the stacks that no other has taken. */
  readonly rest: boolean;
}

/** The name of the wave of those that no other has taken. */
const restName = "the rest";

/**
 * The waves of stacks. Each stack is in exactly one: the first that takes it, or a last one. A wave of a limited number takes those whose
 * clusters stand first in the topology file, so that a change of who dials whom moves no stack to another wave; inside a wave, stacks
 * keep the order in which they are given.
 * @param stacks in the order in which they can be updated
 */
export function wavesOf(plan: Plan, stacks: readonly OwningStack[], declared: readonly PlannedWave[]): Wave[] {
  const taken = new Set<string>();
  const inFile = byFile(plan, stacks);
  const take = (chosen: readonly OwningStack[]) => {
    for (const { name } of chosen) taken.add(name);
    return stacks.filter((stack) => chosen.includes(stack)).map(({ name }) => name);
  };
  const waves = declared.flatMap(({ name, labels, most, repeat }): Wave[] => {
    const matching = inFile.filter((stack) => labels === undefined || hasSome(plan, stack, labels));
    const limit = limitOf(most, matching.length);
    const left = () => matching.filter((stack) => !taken.has(stack.name));
    const made = [take(left().slice(0, limit))];
    while (repeat && left().length > 0) made.push(take(left().slice(0, limit)));
    return made.map((names, index) => ({
      name: made.length > 1 ? `${name} ${index + 1}` : name,
      stacks: names,
      rest: false,
    }));
  });
  const rest = stacks.filter(({ name }) => !taken.has(name)).map(({ name }) => name);
  return rest.length > 0 ? [...waves, { name: restName, stacks: rest, rest: true }] : waves;
}

/** At least one, so that a share of a few is not nothing. */
function limitOf(most: PlannedWave["most"], matching: number): number {
  if (most === undefined) return matching;
  return "stacks" in most ? most.stacks : Math.max(1, Math.ceil((most.percent * matching) / 100));
}

function hasSome(plan: Plan, { clusters }: OwningStack, labels: NonNullable<PlannedWave["labels"]>): boolean {
  const lost = [...plan.lost.values()];
  return (
    [...plan.clusters.values(), ...lost].some(
      (cluster) => clusters.has(cluster.name) && hasLabels(cluster.labels, labels),
    ) || [...plan.peers.values()].some((peer) => clusters.has(peer.cluster) && hasLabels(peer.labels, labels))
  );
}

/** Stacks by the first of their clusters in the file; those without any come last. */
function byFile(plan: Plan, stacks: readonly OwningStack[]): OwningStack[] {
  const places = new Map([...plan.clusters.keys(), ...plan.lost.keys()].map((name, index) => [name, index]));
  const placeOf = ({ clusters }: OwningStack) =>
    Math.min(...[...clusters].map((cluster) => places.get(cluster) ?? Number.POSITIVE_INFINITY));
  const placed = stacks.map((stack) => ({ stack, place: placeOf(stack) }));
  // Two infinite places have no difference.
  return placed.sort((a, b) => (a.place === b.place ? 0 : a.place - b.place)).map(({ stack }) => stack);
}
