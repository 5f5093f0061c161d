import { Provider } from "@pulumi/kubernetes/provider.js";
import { getStack, log, type Output, output, type Resource, secret } from "@pulumi/pulumi";
import { carriedText, isKnownText } from "../components/carried-inputs.ts";
import type { Reach } from "../kubernetes/cluster-reach.ts";
import { later } from "../speed/later.ts";
import { loadPlan } from "../topology/check.ts";
import { findingTexts } from "../topology/findings/finding.ts";
import { ownedClusters } from "../topology/plan/ownership.ts";
import type { PlannedCluster } from "../topology/plan/plan.ts";
import { reachOf } from "../topology/plan/renamed-clusters.ts";
import type { ClusterOutputs } from "./clusters.ts";
import type { Configuration } from "./configuration.ts";
import type { ClusterSource } from "./contract-check.ts";
import { controllerReader } from "./controller-reader.ts";
import { readingInNamesOf, readOwnStack } from "./other-stacks.ts";
import type { ClusterAccess } from "./owned-clusters.ts";
import { FormerNames } from "./renamed-clusters.ts";
import type { StackExports } from "./stack-exports.ts";
import { qualified, type ReadStackOutputs } from "./stack-outputs.ts";
import { type Standing, standingOf } from "./standing.ts";
import { readWrittenKeys } from "./written-keys.ts";

/** What a stack exports. */
export interface StackOutputs extends ClusterOutputs {
  /** The topology file of this update, for `bigpeer diff stack:<name>`. Secret: a file may hold a URL with a password in it. */
  readonly declared: Output<string>;
}

/** The component that everything belongs to. */
export interface TopologyComponent {
  readonly name: string;
  readonly resource: Resource;
}

/** Makes a stack's share of a topology. Nothing is made if the topology has an error.
 * @throws TopologyError with every finding */
export async function deployStack(
  configuration: Configuration,
  ownOutputs: ReadStackOutputs,
  { name: component, resource }: TopologyComponent,
): Promise<StackOutputs> {
  const { plan, warnings, text } = loadPlan(configuration.topology, configuration.stacks, configuration.text);
  const owned = ownedClusters(new Map([...plan.clusters, ...plan.lost]), configuration.stack);
  for (const warning of findingTexts(warnings)) log.warn(warning);

  const access = new Map(
    [...plan.clusters.values(), ...plan.lost.values()].map((each) => [each.name, clusterAccess(each, configuration)]),
  );
  const ask = async (name: string): Promise<Reach> => {
    // In a preview, nothing is known of a cluster that the same update makes, so the preview assumes that it is there.
    if (access.get(name)?.known === false) return { answers: true, identity: undefined };
    const { reachCluster } = await import("../kubernetes/cluster-reach.ts");
    return reachCluster((await access.get(name)?.source()) ?? {});
  };
  // The clusters are asked while the engine looks for the exports.
  const reaches = new Map([...access.keys()].filter((name) => owned.has(name)).map((name) => [name, ask(name)]));
  const exported = await readOwnStack(getStack(), ownOutputs);
  const former = new FormerNames(plan, exported.exports, resource);
  const before = readingInNamesOf(plan, exported);
  const standings = await standingOf(plan, owned, before.exports, ({ name }) => reaches.get(name) ?? ask(name));
  for (const [name, old] of former.clusters) log.info(`cluster "${old}" is now "${name}"; everything in it stays`);
  // Providers write nothing. The engine starts their processes while the clusters are asked.
  const providers = new Map(
    standings.flatMap((standing): [string, Provider][] => {
      if (standing.state === "forgotten") return [];
      const provider = clusterProvider(standing, before.exports, configuration, former);
      return [[standing.cluster.name, provider]];
    }),
  );
  const { deployClusters } = await later(() => import("./clusters.ts"));
  const written = readWrittenKeys(await ownOutputs(qualified(getStack())).catch(() => ({})));
  const share = { plan, owned, configuration, access, providers, former, before, standings, written, component };
  return { ...(await deployClusters(share)), declared: secret(text) };
}

function isReachKnown({ kubeconfig, context }: PlannedCluster): boolean {
  return isKnownText(kubeconfig) && isKnownText(context);
}

function clusterAccess(cluster: PlannedCluster, configuration: Configuration): ClusterAccess {
  const own = cluster.kubeconfig === undefined ? configuration.kubeconfig : carriedText(cluster.kubeconfig);
  const kubeconfig = { kubeconfig: own, context: carriedText(cluster.context) };
  const source = async (): Promise<ClusterSource> => {
    const resolved = await new Promise<string | undefined>((resolve) => output(kubeconfig.kubeconfig).apply(resolve));
    return { cluster: cluster.name, context: cluster.context, kubeconfig: resolved };
  };
  return { kubeconfig, source, read: controllerReader(source), known: isReachKnown(cluster) };
}

function clusterProvider(
  standing: Exclude<Standing, { state: "forgotten" }>,
  before: StackExports | undefined,
  configuration: Configuration,
  former: FormerNames,
): Provider {
  const { cluster, state } = standing;
  const kubeconfig = cluster.kubeconfig === undefined ? configuration.kubeconfig : carriedText(cluster.kubeconfig);
  const identity = state === "lost" ? before?.clusters?.[cluster.name]?.identity : standing.identity;
  const args = {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    context: carriedText(cluster.context),
    namespace: carriedText(cluster.namespace),
    enableServerSideApply: true,
    // Without this, a Secret whose data changes is deleted and recreated, and is missing meanwhile for the Big Peer
    // that lists it.
    enableSecretMutable: true,
    // Without this, the provider takes the cluster for another one when the kubeconfig has another server or CA, and
    // replaces everything that is there.
    ...(identity === undefined ? {} : { clusterIdentifier: identity }),
    ...(state === "reached" ? {} : unreachable),
  };
  return new Provider(cluster.name, args, {
    ...former.options(cluster.name),
    ...(isTakenOver(cluster, before, kubeconfig !== undefined) ? { ignoreChanges: ["kubeconfig"] } : {}),
  });
}

/**
 * The provider leaves an unreachable cluster's resources as they were, and does not wait long for each of them to find
 * that out.
 */
const unreachable = { skipUpdateUnreachable: true, kubeClientSettings: { timeout: 3 } };

/**
 * A state without an identity is given one in an update that changes nothing else. If the kubeconfig had another server
 * in the same update, the provider would still replace everything. The next update follows the kubeconfig.
 */
function isTakenOver(cluster: PlannedCluster, before: StackExports | undefined, kubeconfigGiven: boolean): boolean {
  const known = before?.clusters?.[cluster.name];
  if (!before || !kubeconfigGiven || known?.identity !== undefined) return false;
  return known?.kubeconfig === undefined || known.kubeconfig !== reachOf(cluster).kubeconfig;
}
