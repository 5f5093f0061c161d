import { stringify } from "yaml";
import { loadPlan } from "../../topology/check.ts";
import { helmValues } from "../../topology/objects/exposure-manifests.ts";
import { shareOf } from "../../topology/plan/share.ts";
import { assertCluster } from "../topology/assert-cluster.ts";
import { topologyFile } from "../topology/topology-file.ts";

/** `bigpeer helm-values`: what the ingress-nginx charts need, for those who install with Helm. One YAML document a controller.
 * @throws UsageError if the topology has no such cluster */
export async function helmValuesCommand(
  argument: string | undefined,
  { stack, cluster: only, json }: { stack?: string; cluster?: string; json?: boolean },
): Promise<number> {
  const { plan } = loadPlan(topologyFile(argument, stack));
  assertCluster(only, plan.clusters.keys());
  const controllers = [...plan.clusters.values()].flatMap((cluster) =>
    shareOf(plan, cluster.name).controllers.flatMap(({ ingress, exposures }) => {
      if (only !== undefined && only !== cluster.name) return [];
      const { namespace, service } = ingress;
      return [{ cluster: cluster.name, namespace, service, values: helmValues(ingress, exposures) }];
    }),
  );
  const documents = controllers.map(
    ({ cluster, namespace, service, values }) =>
      `# cluster ${cluster}, ${namespace}/${service}: values of the chart ingress-nginx\n${stringify(values)}`,
  );
  if (json) console.log(JSON.stringify(controllers, null, 2));
  else console.log(documents.length === 0 ? "# nothing is exposed" : documents.join("---\n").trimEnd());
  return 0;
}
