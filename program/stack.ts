import { Provider } from "@pulumi/kubernetes/provider.js";
import { getOrganization, getProject, getStack, type Input, log, type Output, output, secret } from "@pulumi/pulumi";
import { certificateReader } from "../components/certificate-reader.ts";
import { ClusterLinks } from "../components/cluster-links.ts";
import { ClusterShare } from "../components/cluster-share.ts";
import { loadPlan } from "../topology/check.ts";
import { formatFinding } from "../topology/finding.ts";
import type { Plan, PlannedCluster } from "../topology/plan.ts";
import { appValues } from "./app-values.ts";
import { type Configuration, ownedClusters } from "./configuration.ts";
import { exposeTargets, ownedControllers } from "./exposures.ts";
import type { ReadObject } from "./live-controllers.ts";
import { type OtherStack, readByEngine, readOtherStacks } from "./other-stacks.ts";
import { type Pending, type StackContract, stackContract } from "./stack-contract.ts";
import { trustedCertificates } from "./trust.ts";

/** What a stack exports. */
export interface StackOutputs {
  /** For the stacks of other clusters, which read it by stack reference; see `stackContract`. */
  readonly topology: { readonly [Key in keyof StackContract]: Input<unknown> };
  /** Shared tokens of playgrounds, by peer and by app. Secret. */
  readonly tokens: Output<unknown>;
  /** What could not be done yet, each with its reason and what resolves it. */
  readonly pending: readonly Pending[];
}

/** Makes a stack's share of a topology. Nothing is made if the topology has an error.
 * @throws TopologyError with every finding */
export async function deployStack(configuration: Configuration): Promise<StackOutputs> {
  const { plan, warnings } = loadPlan(configuration.topology);
  const owned = ownedClusters(plan, configuration.clusters);
  for (const warning of warnings) log.warn(formatFinding(warning));

  const clusters = [...plan.clusters.values()].filter(({ name }) => owned.has(name));
  const access = new Map(clusters.map((cluster) => [cluster.name, clusterAccess(cluster, configuration)]));
  const [others, before, controllers] = await Promise.all([
    readOtherStacks(plan, owned),
    trustedBefore(),
    ownedControllers(plan, owned, new Map([...access].map(([name, { read }]) => [name, read]))),
  ]);

  const providers = new Map(clusters.map((cluster) => [cluster.name, clusterProvider(cluster, configuration)]));
  const apps = appValues(plan, owned, others, configuration);
  const exposed = exposeTargets(controllers, providers);
  const shares = new Map(
    [...providers].map(([cluster, provider]) => {
      const certificates = certificateReader(access.get(cluster)?.kubeconfig ?? {});
      const args = { plan, cluster, certificates, apps: apps.values, configSecret: configuration.secret };
      return [cluster, new ClusterShare(cluster, args, { providers: [provider] })];
    }),
  );

  const peers = [...shares.values()].flatMap((share) => [...share.peers]);
  const trusted = trustedCas(
    plan,
    owned,
    new Map(peers.map(([name, { caCertificate }]) => [name, caCertificate])),
    others,
    before,
  );
  const addresses = exposedAddresses(plan, owned, exposed.addresses, others);
  const replications: Record<string, Record<string, Output<string>>> = {};
  for (const [cluster, share] of shares) {
    const provider = providers.get(cluster);
    const args = { plan, cluster, share, certificates: trusted.certificates, exposedAddresses: addresses.known };
    const links = new ClusterLinks(`${cluster}-links`, args, { providers: provider ? [provider] : [] });
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
        peers.map(([name, { caCertificate, apiAddress }]) => [name, { caCertificate, api: apiAddress }]),
      ),
      replications,
      exposures: Object.fromEntries(exposed.addresses),
      apps: Object.fromEntries([...apps.values].map(([name, { id }]) => [name, { id }])),
      trusted: Object.fromEntries(trusted.certificates),
    },
    tokens: secret({ peers: Object.fromEntries(peerTokens), apps: Object.fromEntries(appTokens) }),
    pending,
  };
}

/** The CA certificates of everybody that an owned peer trusts, of this stack and of others. */
function trustedCas(
  plan: Plan,
  owned: ReadonlySet<string>,
  own: ReadonlyMap<string, Output<string>>,
  others: ReadonlyMap<string, OtherStack>,
  before: StackContract["trusted"],
): { certificates: ReadonlyMap<string, Output<string>>; pending: Pending[] } {
  const certificates = new Map<string, Output<string>>();
  const pending: Pending[] = [];
  const trustedPeers = [...plan.peers.values()]
    .filter(({ cluster }) => owned.has(cluster))
    .flatMap(({ trusts }) => trusts);
  for (const name of new Set(trustedPeers.map(({ peer }) => peer))) {
    const other = others.get(plan.peers.get(name)?.cluster ?? "");
    const current = own.get(name) ?? other?.contract?.peers[name]?.caCertificate;
    if (current !== undefined)
      certificates.set(
        name,
        output(current).apply((pem) => trustedCertificates(pem, before[name])),
      );
    else pending.push(missing(`trust of ${name}`, other, `has no Big Peer "${name}" yet`));
  }
  return { certificates, pending };
}

/** Where the targets that owned peers dial are reached: those that this stack exposes, and those of others. */
function exposedAddresses(
  plan: Plan,
  owned: ReadonlySet<string>,
  own: ReadonlyMap<string, string>,
  others: ReadonlyMap<string, OtherStack>,
): { known: ReadonlyMap<string, string>; pending: Pending[] } {
  const known = new Map(own);
  const pending: Pending[] = [];
  const dialled = [...plan.replications.values()]
    .flatMap(({ sides }) => sides.filter(({ cluster }) => owned.has(cluster)).flatMap(({ connections }) => connections))
    .flatMap(({ address }) => (address.kind === "load-balancer" && !owned.has(address.cluster) ? [address] : []));
  for (const { exposure, cluster } of new Map(dialled.map((address) => [address.exposure, address])).values()) {
    const other = others.get(cluster);
    const address = other?.contract?.exposures[exposure];
    if (address !== undefined) known.set(exposure, address);
    else pending.push(missing(`address of ${exposure}`, other, "does not expose it yet"));
  }
  return { known, pending };
}

function missing(what: string, other: OtherStack | undefined, lacks: string): Pending {
  if (other && !other.contract) return { what, reason: other.reason, next: other.next };
  return { what, reason: `the stack "${other?.name}" ${lacks}`, next: `pulumi up --stack ${other?.name}` };
}

/** What this stack's own peers trusted after its last update. */
async function trustedBefore(): Promise<StackContract["trusted"]> {
  const outputs = await readByEngine(`${getOrganization()}/${getProject()}/${getStack()}`).catch(() => ({
    topology: undefined,
  }));
  const parsed = stackContract.safeParse(outputs.topology);
  return parsed.success ? parsed.data.trusted : {};
}

function clusterAccess(cluster: PlannedCluster, configuration: Configuration) {
  const kubeconfig = { kubeconfig: cluster.kubeconfig ?? configuration.kubeconfig, context: cluster.context };
  const read: ReadObject = async (kind, namespace, name) => {
    const { readObject } = await import("./read-object.ts");
    const resolved = await new Promise<string | undefined>((resolve) => output(kubeconfig.kubeconfig).apply(resolve));
    return readObject({ ...kubeconfig, kubeconfig: resolved }, kind, namespace, name);
  };
  return { kubeconfig, read };
}

function clusterProvider(cluster: PlannedCluster, configuration: Configuration): Provider {
  const kubeconfig = cluster.kubeconfig ?? configuration.kubeconfig;
  return new Provider(cluster.name, {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    context: cluster.context,
    namespace: cluster.namespace,
    enableServerSideApply: true,
  });
}
