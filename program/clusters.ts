import { type Input, log, type Output, type ProviderResource, secret } from "@pulumi/pulumi";
import { certificateReader, type KubeconfigArgs } from "../components/certificate-reader.ts";
import { ClusterLinks } from "../components/cluster-links.ts";
import { ClusterShare } from "../components/cluster-share.ts";
import { formatFinding, TopologyError } from "../topology/finding.ts";
import type { Plan } from "../topology/plan.ts";
import { reachesOf } from "../topology/renamed-clusters.ts";
import { declaredSize } from "../topology/store-size.ts";
import { appValues } from "./app-values.ts";
import type { Configuration } from "./configuration.ts";
import { type ClusterSource, contractCheck } from "./contract-check.ts";
import { exposeTargets, ownedControllers } from "./exposures.ts";
import { exposedAddresses, trustedCas } from "./links.ts";
import type { ReadObject } from "./live-controllers.ts";
import { losses } from "./losses.ts";
import { type OtherStack, readOtherStacks } from "./other-stacks.ts";
import type { FormerNames } from "./renamed-clusters.ts";
import type { Pending, StackContract } from "./stack-contract.ts";

/** What a stack exports of its clusters. */
export interface ClusterOutputs {
  /** For the stacks of other clusters, which read it by stack reference; see `stackContract`. */
  readonly topology: { readonly [Key in keyof StackContract]: Input<unknown> };
  /** Shared tokens of playgrounds, by peer and by app. Secret. */
  readonly tokens: Output<unknown>;
  /** What could not be done yet, each with its reason and what resolves it. */
  readonly pending: readonly Pending[];
}

/** How the program itself reaches a cluster, beside its provider. */
export interface ClusterAccess {
  readonly kubeconfig: KubeconfigArgs;
  readonly source: () => Promise<ClusterSource>;
  readonly read: ReadObject;
}

/** The clusters that a stack owns, and what is known of them. */
export interface OwnedClusters {
  readonly plan: Plan;
  readonly owned: ReadonlySet<string>;
  readonly configuration: Configuration;
  /** By cluster. */
  readonly access: ReadonlyMap<string, ClusterAccess>;
  /** By cluster. */
  readonly providers: ReadonlyMap<string, ProviderResource>;
  readonly former: FormerNames;
  /** What the stack has exported after its last update. */
  readonly before: OtherStack;
}

/** Makes what belongs into a stack's clusters, unless one of them is not fit for it or something would be lost.
 * @throws TopologyError with every finding, before anything is made */
export async function deployClusters({
  plan,
  owned,
  configuration,
  access,
  providers,
  former,
  before,
}: OwnedClusters): Promise<ClusterOutputs> {
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
          const storage = settings && declaredSize(settings, plan.operator);
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
  };
}
