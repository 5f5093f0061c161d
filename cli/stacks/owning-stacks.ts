import { projectStacks } from "../../program/stack-files.ts";
import type { OwningStack } from "../../runners/stack-order.ts";
import { ownedClusters } from "../../topology/plan/ownership.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import type { Selected } from "../../topology/selection/selection.ts";
import { UsageError } from "../usage-error.ts";

/** The stacks that share a topology, each with the clusters that it owns; lost ones are among them.
 * @param directory the folder of the Pulumi project */
export function owningStacks(plan: Plan, topology: string, directory: string): OwningStack[] {
  const clusters = new Map([...plan.clusters, ...plan.lost]);
  return projectStacks(topology, directory).sharing.map((settings) => ({
    name: settings.name.stack,
    clusters: ownedClusters(clusters, settings),
  }));
}

/** The stacks that own a selected cluster. */
export function ownersOf({ narrowed, clusters }: Selected, stacks: readonly OwningStack[]): readonly OwningStack[] {
  return narrowed ? stacks.filter((stack) => [...stack.clusters].some((each) => clusters.has(each))) : stacks;
}

/** The same.
 * @throws UsageError if no stack does */
export function ownersOrThrow(selected: Selected, stacks: readonly OwningStack[]): readonly OwningStack[] {
  const owners = ownersOf(selected, stacks);
  if (owners.length > 0) return owners;
  const { clusters } = selected;
  throw new UsageError(`no stack of this project owns what is selected: ${[...clusters].join(", ")}`);
}
