import { projectStacks } from "../../program/stack-files.ts";
import { ownedClusters } from "../../topology/plan/ownership.ts";
import type { Plan } from "../../topology/plan/plan.ts";

/**
 * A plan whose clusters say what the files beside it say of them: the stack that owns each, and the kubeconfig by which it is reached. The
 * commands that a report prints can be copied then.
 */
export function planWithStacks(
  plan: Plan,
  file: string,
  project: string,
  {
    stack,
    kubeconfig,
  }: {
    /** The only stack, where no file of the project names the topology; undefined: nobody knows it. */
    readonly stack: string | undefined;
    readonly kubeconfig: string | undefined;
  },
): Plan {
  const { sharing } = projectStacks(file, project);
  const owners = sharing.flatMap((settings) =>
    [...ownedClusters(plan.clusters, settings)].map((cluster) => [cluster, settings.name.stack] as const),
  );
  const ownerOf = new Map(owners);
  const clusters = [...plan.clusters].map(([name, cluster]) => {
    const owner = cluster.stack ?? (sharing.length === 0 ? stack : ownerOf.get(name));
    const own = cluster.kubeconfig ?? kubeconfig;
    const known = {
      ...(owner === undefined ? {} : { stack: owner }),
      ...(own === undefined ? {} : { kubeconfig: own }),
    };
    return [name, { ...cluster, ...known }] as const;
  });
  return { ...plan, clusters: new Map(clusters) };
}
