import { setImmediate } from "node:timers/promises";
import { Provider } from "@pulumi/kubernetes/provider.js";
import { getStack, log, type Output, output, type ResourceOptions, secret } from "@pulumi/pulumi";
import { loadPlan } from "../topology/check.ts";
import { formatFinding } from "../topology/finding.ts";
import type { PlannedCluster } from "../topology/plan.ts";
import type { ClusterAccess, ClusterOutputs } from "./clusters.ts";
import { type Configuration, ownedClusters } from "./configuration.ts";
import type { ClusterSource } from "./contract-check.ts";
import type { ReadObject } from "./live-controllers.ts";
import { inNamesOfPlan, readStack } from "./other-stacks.ts";
import { FormerNames } from "./renamed-clusters.ts";
import type { ReadStackOutputs } from "./stack-outputs.ts";

/** What a stack exports. */
export interface StackOutputs extends ClusterOutputs {
  /** The topology file of this update, for `bigpeer diff stack:<name>`. Secret: a file may hold a URL with a password in it. */
  readonly declared: Output<string>;
}

/** Makes a stack's share of a topology. Nothing is made if the topology has an error.
 * @throws TopologyError with every finding */
export async function deployStack(configuration: Configuration, ownOutputs: ReadStackOutputs): Promise<StackOutputs> {
  const { plan, warnings, text } = loadPlan(configuration.topology);
  const owned = ownedClusters(plan, configuration.clusters);
  for (const warning of warnings) log.warn(formatFinding(warning));

  const clusters = [...plan.clusters.values()].filter(({ name }) => owned.has(name));
  const access = new Map(clusters.map((cluster) => [cluster.name, clusterAccess(cluster, configuration)]));
  const exported = await readStack(getStack(), ownOutputs);
  const former = new FormerNames(plan, exported.contract);
  for (const [name, old] of former.clusters) log.info(`cluster "${old}" is now "${name}"; all that is in it stays`);
  // They write nothing. The engine starts what stands behind them while the clusters are asked, which begins with loading a client.
  const providers = new Map(
    clusters.map((cluster) => [cluster.name, clusterProvider(cluster, configuration, former.options(cluster.name))]),
  );
  const before = inNamesOfPlan(plan, exported);
  // Loading the rest keeps this process busy, and a Kubernetes client most of all: the engine has to be told of the providers first.
  await setImmediate();
  const { deployClusters } = await import("./clusters.ts");
  const share = { plan, owned, configuration, access, providers, former, before };
  return { ...(await deployClusters(share)), declared: secret(text) };
}

function clusterAccess(cluster: PlannedCluster, configuration: Configuration): ClusterAccess {
  const kubeconfig = { kubeconfig: cluster.kubeconfig ?? configuration.kubeconfig, context: cluster.context };
  const source = async (): Promise<ClusterSource> => {
    const resolved = await new Promise<string | undefined>((resolve) => output(kubeconfig.kubeconfig).apply(resolve));
    return { cluster: cluster.name, context: cluster.context, kubeconfig: resolved };
  };
  const read: ReadObject = async (kind, namespace, name) => {
    const { readObject } = await import("./read-object.ts");
    return readObject(await source(), kind, namespace, name);
  };
  return { kubeconfig, source, read };
}

function clusterProvider(cluster: PlannedCluster, configuration: Configuration, options: ResourceOptions): Provider {
  const kubeconfig = cluster.kubeconfig ?? configuration.kubeconfig;
  const args = {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    context: cluster.context,
    namespace: cluster.namespace,
    enableServerSideApply: true,
  };
  return new Provider(cluster.name, args, options);
}
