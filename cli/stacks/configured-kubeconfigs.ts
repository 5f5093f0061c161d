import { resolve } from "node:path";
import type { OwningStack } from "../../runners/stack-order.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { stackConfiguration } from "./environment-stacks.ts";

/**
 * A plan for commands that ask clusters in the place of their stacks: a cluster that names no kubeconfig has the one that was given, or
 * the path in `bigpeer:kubeconfig` of its stack. A secret there only Pulumi can read; then it is found as kubectl finds it.
 * @param directory the folder of the Pulumi project, from which paths in a configuration lead
 * @throws UsageError if a stack's file is not YAML
 */
export function withKubeconfigs(
  plan: Plan,
  stacks: readonly OwningStack[],
  { given, directory }: { readonly given: string | undefined; readonly directory: string },
): Plan {
  const configured = new Map(
    stacks.flatMap(({ name, clusters }) => {
      const value = stackConfiguration(name, directory)["bigpeer:kubeconfig"];
      if (typeof value !== "string") return [];
      const kubeconfig = /[\n{]/.test(value) ? value : resolve(directory, value);
      return [...clusters].map((cluster) => [cluster, kubeconfig] as const);
    }),
  );
  const clusters = [...plan.clusters].map(([name, cluster]) => {
    const kubeconfig = cluster.kubeconfig ?? given ?? configured.get(name);
    return [name, { ...cluster, kubeconfig }] as const;
  });
  return { ...plan, clusters: new Map(clusters) };
}
