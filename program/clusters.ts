import { getStack, log, type Output, secret } from "@pulumi/pulumi";
import { certificateReader } from "../components/certificate-reader.ts";
import { ClusterLinks } from "../components/cluster-links.ts";
import { ClusterShare } from "../components/cluster-share.ts";
import { formatFinding, TopologyError } from "../topology/findings/finding.ts";
import { declaredSize } from "../topology/objects/store-size.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { pinCommand } from "../topology/plan/port-advice.ts";
import { givenAddresses } from "../trust/known-addresses.ts";
import { appValues } from "./app-values.ts";
import { contractCheck } from "./contract-check.ts";
import { exposeTargets, ownedControllers } from "./exposures.ts";
import { clustersOutput, heldByState, holdClusters, keptTokens, saidOf, withKept } from "./kept-clusters.ts";
import { exposedAddresses, type LookAtPeer, trustedCas } from "./links.ts";
import { losses, movedPorts } from "./losses.ts";
import { readOtherStacks, type StackReading } from "./other-stacks.ts";
import type { ClusterAccess, OwnedClusters } from "./owned-clusters.ts";
import type { DeclaredExports, Pending } from "./stack-exports.ts";
import { pendingOf } from "./standing.ts";
import { readStateObjects } from "./state-objects.ts";
import { takeovers } from "./takeovers.ts";
import { exposeWays, ownedWays } from "./ways.ts";
import { declaredKeys, type WrittenKeys, writtenKeysText } from "./written-keys.ts";

/** What a stack exports of its clusters. */
export interface ClusterOutputs {
  /** For the stacks of other clusters, which read it by stack reference; see `stackExports`. */
  readonly topology: DeclaredExports;
  /** Shared tokens of playgrounds, by peer and by app. Secret. */
  readonly tokens: Output<unknown>;
  /** What could not be done yet, each with its reason and what resolves it. */
  readonly pending: Output<Pending[]>;
  /**
   * The objects that the stack has, by cluster, as JSON; anything else that exists was made by somebody else. It is a
   * secret only because of its length.
   */
  readonly objects: Output<string>;
}

/**
 * Makes a stack's share of the topology in its clusters, unless a cluster is not fit for it or something would be lost.
 * @throws TopologyError with every finding, before anything is made
 */
export async function deployClusters(clusters: OwnedClusters): Promise<ClusterOutputs> {
  const { plan, owned, configuration, access, former, before, standings, written, component } = clusters;
  const reached = new Set(standings.flatMap(({ state, cluster }) => (state === "reached" ? [cluster.name] : [])));
  const providers = new Map([...clusters.providers].filter(([name]) => reached.has(name)));
  const ofReached = [...access].filter(([name, { known }]) => reached.has(name) && known);
  const sources = Promise.all(ofReached.map(([, { source }]) => source()));
  const readers = new Map(ofReached.map(([name, { read }]) => [name, read]));
  const reading = readOtherStacks(plan, { owned, reached }, before);
  const [others, controllers, ways, unfit, taken, held] = await Promise.all([
    reading,
    ownedControllers(plan, reached, readers, before.exports?.exposures ?? {}, configuration.topology),
    ownedWays(plan, reached, readers, configuration.topology),
    sources.then((found) => contractCheck(plan, found)),
    Promise.all([sources, reading]).then(([found, stacks]) =>
      takeovers(plan, found, {
        ...{ written, former: former.clusters, state: readStateObjects },
        ids: knownIds([before, ...stacks.values()]),
      }),
    ),
    heldByState(standings, before),
  ]);
  const pin = pinCommand(configuration.topology, "--base", `stack:${configuration.stack.name.stack}`);
  const ports = movedPorts(plan, before.exports, pin);
  const refused = [...unfit, ...taken, ...losses(plan, owned, before.exports), ...ports];
  if (refused.some(({ severity }) => severity === "error")) throw new TopologyError(refused);
  const told = [...controllers.flatMap(({ edits }) => edits), ...ways.flatMap(({ notes }) => notes)];
  for (const finding of [...unfit, ...taken, ...ports, ...told])
    if (finding.severity === "note") log.info(formatFinding(finding));
    else log.warn(formatFinding(finding));

  holdClusters(clusters, held);
  const apps = appValues(plan, owned, { others, before }, configuration, former.sameName());
  const byWays = exposeWays(ways, providers, former, configuration.transform);
  const exposed = [exposeTargets(plan, controllers, providers, former, configuration.transform), byWays];
  const ownAddresses = new Map(exposed.flatMap((each) => [...each.addresses]));
  const shares = new Map(
    [...providers].map(([cluster, provider]) => {
      const certificates = certificateReader(access.get(cluster)?.kubeconfig ?? {});
      const { secret: configSecret, transform } = configuration;
      const args = { plan, cluster, certificates, apps: apps.values, configSecret, transform };
      const options = { ...former.options(cluster), providers: [provider] };
      return [cluster, new ClusterShare(cluster, args, options)];
    }),
  );

  const peers = [...shares.values()].flatMap((share) => [...share.peers]);
  const madeCas = new Map(peers.map(([name, { caCertificate }]) => [name, caCertificate]));
  const addresses = exposedAddresses(plan, reached, ownAddresses, { others, before });
  const look = lookAtPeers(plan, ofReached, addresses.known);
  const trusted = trustedCas(plan, reached, madeCas, { others, before }, look);
  const replications: Record<string, Record<string, Output<string>>> = {};
  const objects = new Map<string, ReadonlySet<string>>();
  for (const [cluster, share] of shares) {
    const provider = providers.get(cluster);
    const args = {
      ...{ plan, cluster, share, certificates: trusted.certificates, exposedAddresses: addresses.known },
      transform: configuration.transform,
    };
    const options = { ...former.options(cluster), providers: provider ? [provider] : [] };
    const links = new ClusterLinks(`${cluster}-links`, args, options);
    objects.set(cluster, declaredKeys(plan, cluster, share, links, byWays.made.get(cluster) ?? new Set()));
    for (const [name, own] of links.addresses) replications[name] = { ...replications[name], ...own };
  }

  const pending = [
    ...pendingOf(standings, getStack()),
    ...unknownYet(configuration),
    ...[apps, ...exposed, trusted, addresses].flatMap((each) => each.pending),
  ];
  const warn = ({ what, reason, next }: Pending) => log.warn(`pending: ${what}: ${reason}. Next: ${next}`);
  pending.forEach(warn);
  const appTokens = [...apps.values].flatMap(([name, { token }]) => (token === undefined ? [] : [[name, token]]));
  const peerTokens = peers.flatMap(([name, { playgroundToken }]) => (playgroundToken ? [[name, playgroundToken]] : []));
  const away = new Set(standings.flatMap(({ state, cluster }) => (state === "away" ? [cluster.name] : [])));
  const kept = saidOf(away, before);
  return {
    topology: {
      contract: 1,
      ...(component === undefined ? {} : { component: former.onceTaken(component) }),
      peers: {
        ...kept.peers,
        ...Object.fromEntries(
          peers.map(([name, { caCertificate, apiAddress }]) => {
            const { cluster, settings } = plan.peers.get(name) ?? {};
            const storage = settings && declaredSize(settings, plan.operator);
            return [name, { caCertificate, api: apiAddress, cluster, ...(storage === undefined ? {} : { storage }) }];
          }),
        ),
      },
      clusters: former.onceTaken(clustersOutput(plan, standings, before.exports)),
      forgotten: standings.flatMap(({ state, cluster }) =>
        state === "lost" || state === "forgotten" ? [cluster.name] : [],
      ),
      replications: withKept(replications, kept.replications),
      exposures: { ...kept.exposures, ...Object.fromEntries(ownAddresses) },
      apps: Object.fromEntries([...apps.values].map(([name, { id }]) => [name, { id }])),
      generated: apps.generated,
      former: trusted.former.apply((former) => ({ ...kept.former, ...former })),
      shown: trusted.shown.apply((shown) => ({ ...kept.shown, ...shown })),
      trusted: { ...kept.trusted, ...Object.fromEntries(trusted.certificates) },
      dialled: { ...kept.dialled, ...Object.fromEntries(addresses.dialled) },
    },
    tokens: secret({
      peers: { ...keptTokens(before, away), ...Object.fromEntries(peerTokens) },
      apps: Object.fromEntries(appTokens),
    }),
    pending: trusted.rotations.apply((rotations) => {
      rotations.forEach(warn);
      return [...pending, ...rotations];
    }),
    objects: secret(writtenKeysText(new Map([...keptKeys(away, clusters), ...objects]))),
  };
}

/**
 * Reads the certificates that peers of any cluster show: at the address where they are exposed, or through the API
 * server of a cluster that could be reached.
 */
function lookAtPeers(
  plan: Plan,
  reached: readonly (readonly [string, ClusterAccess])[],
  exposed: ReadonlyMap<string, string>,
): LookAtPeer {
  const sources = new Map(reached.map(([name, { source }]) => [name, source]));
  const given = givenAddresses(plan);
  return async (peer) => {
    const { lookAtPeer } = await import("../trust/shown-by-peer.ts");
    const { throughApiServer } = await import("../trust/ways-within-cluster.ts");
    const source = sources.get(plan.peers.get(peer)?.cluster ?? "");
    return lookAtPeer(plan, peer, {
      exposed: (id) => exposed.get(id) ?? given.get(id),
      within: source && throughApiServer(source),
    });
  };
}

/** What has to wait, in a preview, for values of resources that the same update makes. */
function unknownYet({ unknown = [] }: OwnedClusters["configuration"]): Pending[] {
  const reason = "another resource gives it, and it is not known before the update";
  return unknown.map((place) => ({ what: `the value of ${place}`, reason, next: `pulumi up --stack ${getStack()}` }));
}

/** What the stack has exported of clusters that do not answer now still holds. */
function keptKeys(away: ReadonlySet<string>, { written, former }: OwnedClusters): WrittenKeys {
  const kept = [...away].map((name): [string, ReadonlySet<string>] => {
    const before = former.clusters.get(name);
    return [name, new Set([...(written.get(name) ?? []), ...((before && written.get(before)) ?? [])])];
  });
  return new Map(kept);
}

/** The IDs of apps that some stack has exported. */
function knownIds(stacks: readonly StackReading[]): Map<string, string> {
  return new Map(
    stacks
      .toReversed()
      .flatMap(({ exports }) => Object.entries(exports?.apps ?? {}).map(([name, { id }]) => [name, id])),
  );
}
