import { stringify } from "yaml";
import { loadPlan } from "../topology/check.ts";
import { helmValues } from "../topology/exposure-manifests.ts";
import { topologyFile } from "./topology-file.ts";

/** `bigpeer helm-values`: what the ingress-nginx charts need, for who installs by Helm. One YAML document a controller. */
export async function helmValuesCommand(
  argument: string | undefined,
  { stack, cluster: only }: { stack?: string; cluster?: string },
): Promise<number> {
  const { plan } = loadPlan(topologyFile(argument, stack));
  const documents = [...plan.clusters.values()].flatMap((cluster) =>
    [...cluster.ingresses].flatMap(([name, ingress]) => {
      const exposures = plan.exposures.filter((each) => each.cluster === cluster.name && each.ingress === name);
      if (exposures.length === 0 || (only !== undefined && only !== cluster.name)) return [];
      const where = `cluster ${cluster.name}, ${ingress.namespace}/${ingress.service}`;
      return [`# ${where}: values of the chart ingress-nginx\n${stringify(helmValues(ingress, exposures))}`];
    }),
  );
  console.log(documents.length === 0 ? "# nothing is exposed" : documents.join("---\n").trimEnd());
  return 0;
}
