import { Provider } from "@pulumi/kubernetes/provider.js";
import { getStack, type Input, log, type Output, output, type ResourceOptions, secret } from "@pulumi/pulumi";
import { certificateReader } from "../components/certificate-reader.ts";
import { ClusterLinks } from "../components/cluster-links.ts";
import { ClusterShare } from "../components/cluster-share.ts";
import { loadPlan } from "../topology/check.ts";
import { formatFinding, TopologyError } from "../topology/finding.ts";
import type { PlannedCluster } from "../topology/plan.ts";
import { reachesOf } from "../topology/renamed-clusters.ts";
import { appValues } from "./app-values.ts";
import { type Configuration, ownedClusters } from "./configuration.ts";
import { type ClusterSource, contractCheck } from "./contract-check.ts";
import { exposeTargets, ownedControllers } from "./exposures.ts";
import { exposedAddresses, trustedCas } from "./links.ts";
import type { ReadObject } from "./live-controllers.ts";
import { losses } from "./losses.ts";
import { inNamesOfPlan, readOtherStacks, readStack } from "./other-stacks.ts";
import { FormerNames } from "./renamed-clusters.ts";
import type { Pending, StackContract } from "./stack-contract.ts";

/** What a stack exports. */
export interface StackOutputs {
  /** For the stacks of other clusters, which read it by stack reference; see `stackContract`. */
  readonly topology: { readonly [Key in keyof StackContract]: Input<unknown> };
  /** Shared tokens of playgrounds, by peer and by app. Secret. */
  readonly tokens: Output<unknown>;
  /** What could not be done yet, each with its reason and what resolves it. */
  readonly pending: readonly Pending[];
  /** The topology file of this update, for `bigpeer diff stack:<name>`. Secret: a file may hold a URL with a password in it. */
  readonly declared: Output<string>;
}

/** Makes a stack's share of a topology. Nothing is made if the topology has an error.
 * @throws TopologyError with every finding */
export async function deployStack(configuration: Configuration): Promise<StackOutputs> {
  // The engine loads the state while the topology is planned.
  const exporting = readStack(getStack());
  const { plan, warnings, text } = loadPlan(configuration.topology);
  const owned = ownedClusters(plan, configuration.clusters);
  for (const warning of warnings) log.warn(formatFinding(warning));

  const clusters = [...plan.clusters.values()].filter(({ name }) => owned.has(name));
  const access = new Map(clusters.map((cluster) => [cluster.name, clusterAccess(cluster, configuration)]));
  const exported = await exporting;
  const former = new FormerNames(plan, exported.contract);
  for (const [name, old] of former.clusters) log.info(`cluster "${old}" is now "${name}"; all that is in it stays`);
  // They write nothing. The engine starts what stands behind them while the clusters are asked, which begins with loading a client.
  const providers = new Map(
    clusters.map((cluster) => [cluster.name, clusterProvider(cluster, configuration, former.options(cluster.name))]),
  );
  const before = inNamesOfPlan(plan, exported);
  const [others, controllers, unfit] = await Promise.all([
    readOtherStacks(plan, owned, before),
    ownedControllers(plan, owned, new Map([...access].map(([name, { read }]) => [name, read]))),
    Promise.all([...access.values()].map(({ source }) => source())).then((sources) => contractCheck(plan, sources)),
  ]);
  const refused = [...unfit, ...losses(plan, owned, before.contract)];
  if (refused.some(({ severity }) => severity === "error")) throw new TopologyError(refused);
  for (const finding of unfit) log.warn(formatFinding(finding));

  const apps = appValues(plan, owned, { others, before }, configuration);
  const exposed = exposeTargets(controllers, providers, former);
  const shares = new Map(
    [...providers].map(([cluster, provider]) => {
      const certificates = certificateReader(access.get(cluster)?.kubeconfig ?? {});
      const args = { plan, cluster, certificates, apps: apps.values, configSecret: configuration.secret };
      const options = { ...former.options(cluster), providers: [provider] };
      return [cluster, new ClusterShare(cluster, args, options)];
    }),
  );

  const peers = [...shares.values()].flatMap((share) => [...share.peers]);
  const trusted = trustedCas(plan, owned, new Map(peers.map(([name, { caCertificate }]) => [name, caCertificate])), {
    others,
    before,
  });
  const addresses = exposedAddresses(plan, owned, exposed.addresses, { others, before });
  const replications: Record<string, Record<string, Output<string>>> = {};
  for (const [cluster, share] of shares) {
    const provider = providers.get(cluster);
    const args = { plan, cluster, share, certificates: trusted.certificates, exposedAddresses: addresses.known };
    const options = { ...former.options(cluster), providers: provider ? [provider] : [] };
    const links = new ClusterLinks(`${cluster}-links`, args, options);
    for (const [name, own] of links.addresses) replications[name] = { ...replications[name], ...own };
  }

  const pending = [...apps.pending, ...exposed.pending, ...trusted.pending, ...addresses.pending];
  for (const { what, reason, next } of pending) log.warn(`pending: ${what}: ${reason}. Next: ${next}`);
  const appTokens = [...apps.values].flatMap(([name, { token }]) => (token === undefined ? [] : [[name, token]]));
  const peerTokens = peers.flatMap(([name, { playgroundToken }]) => (playgroundToken ? [[name, playgroundToken]] : []));
  return {
    topology: {
      contract: 1,
      peers: Object.fromEntries(
        peers.map(([name, { caCertificate, apiAddress }]) => {
          const { cluster, settings } = plan.peers.get(name) ?? {};
          const storage = settings?.store?.storage;
          return [name, { caCertificate, api: apiAddress, cluster, ...(storage === undefined ? {} : { storage }) }];
        }),
      ),
      clusters: former.onceTaken(Object.fromEntries(reachesOf(plan))),
      replications,
      exposures: Object.fromEntries(exposed.addresses),
      apps: Object.fromEntries([...apps.values].map(([name, { id }]) => [name, { id }])),
      generated: apps.generated,
      trusted: Object.fromEntries(trusted.certificates),
      dialled: Object.fromEntries(addresses.dialled),
    },
    tokens: secret({ peers: Object.fromEntries(peerTokens), apps: Object.fromEntries(appTokens) }),
    pending,
    declared: secret(text),
  };
}

function clusterAccess(cluster: PlannedCluster, configuration: Configuration) {
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
