import { Provider } from "@pulumi/kubernetes/provider.js";
import { type Input, log, type Output, output } from "@pulumi/pulumi";
import { RandomUuid } from "@pulumi/random/randomUuid.js";
import { certificateReader } from "../components/certificate-reader.ts";
import { ClusterLinks } from "../components/cluster-links.ts";
import { ClusterShare } from "../components/cluster-share.ts";
import { loadPlan } from "../topology/check.ts";
import { formatFinding } from "../topology/finding.ts";
import type { Plan, PlannedCluster } from "../topology/plan.ts";
import { type Configuration, ownedClusters } from "./configuration.ts";

/** What a stack exports. Other stacks read it by stack reference. */
export interface StackOutputs {
  /** By peer: its CA certificate (PEM), the in-cluster `host:port` of its HTTP API, and its playground's token. */
  readonly peers: Record<
    string,
    { caCertificate: Output<string>; api: Output<string>; playgroundToken?: Output<string> }
  >;
  /** By replication, then peer: in-cluster `host:port`. */
  readonly replications: Record<string, Record<string, Output<string>>>;
  /** By app: its ID (UUID). */
  readonly apps: Record<string, { id: Output<string> }>;
}

/** Makes a stack's share of a topology. Nothing is made if the topology has an error.
 * @throws TopologyError with every finding */
export function deployStack(configuration: Configuration): StackOutputs {
  const { plan, warnings } = loadPlan(configuration.topology);
  const owned = ownedClusters(plan, configuration.clusters);
  for (const warning of warnings) log.warn(formatFinding(warning));

  const appIds = ownAppIds(plan, owned);
  const clusters = [...plan.clusters.values()].filter(({ name }) => owned.has(name));
  const shares = new Map(
    clusters.map((cluster) => {
      const { provider, certificates } = access(cluster, configuration);
      const args = { plan, cluster: cluster.name, certificates, appIds, configSecret: configuration.secret };
      return [cluster.name, { provider, share: new ClusterShare(cluster.name, args, { providers: [provider] }) }];
    }),
  );

  const peers = [...shares.values()].flatMap(({ share }) => [...share.peers]);
  const certificates = new Map(peers.map(([name, peer]) => [name, peer.caCertificate]));
  const replications: Record<string, Record<string, Output<string>>> = {};
  for (const [cluster, { provider, share }] of shares) {
    const args = { plan, cluster, share, certificates, exposedAddresses: new Map() };
    const links = new ClusterLinks(`${cluster}-links`, args, { providers: [provider] });
    for (const [name, addresses] of links.addresses) replications[name] = { ...replications[name], ...addresses };
  }

  return {
    peers: Object.fromEntries(
      peers.map(([name, { caCertificate, apiAddress, playgroundToken }]) => [
        name,
        { caCertificate, api: apiAddress, ...(playgroundToken ? { playgroundToken } : {}) },
      ]),
    ),
    replications,
    apps: Object.fromEntries([...appIds].map(([name, id]) => [name, { id: output(id) }])),
  };
}

/** The IDs that the topology gives, and those that this stack generates: for apps whose first peer it owns. */
function ownAppIds(plan: Plan, owned: ReadonlySet<string>): Map<string, Input<string>> {
  const ids = new Map<string, Input<string>>();
  for (const app of plan.apps.values()) {
    if (app.id !== undefined) ids.set(app.name, app.id);
    else if (owned.has(plan.peers.get(app.idOwner)?.cluster ?? ""))
      ids.set(app.name, new RandomUuid(`${app.name}-id`).result);
  }
  return ids;
}

function access(cluster: PlannedCluster, configuration: Configuration) {
  const kubeconfig = cluster.kubeconfig ?? configuration.kubeconfig;
  const provider = new Provider(cluster.name, {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    context: cluster.context,
    namespace: cluster.namespace,
    enableServerSideApply: true,
  });
  return { provider, certificates: certificateReader({ kubeconfig, context: cluster.context }) };
}
