import type { OperatorContract } from "../operator/contract.ts";
import { importApps, mostUsed } from "./apps.ts";
import { Authorities } from "./authorities.ts";
import { clusterEntry, isTransport, namesIngress } from "./cluster-entry.ts";
import { liveExposures } from "./exposing-objects.ts";
import type { LeftOut } from "./left-out.ts";
import { type JoinedLink, joinSides } from "./links.ts";
import { type ClusterContents, forwards, type LiveSide, liveApps, livePeers, liveSides } from "./live-objects.ts";
import { importPeer } from "./peers.ts";
import { importReplications, objectOf } from "./replications.ts";
import { importTrust, trustBetween } from "./trust.ts";
import { deadExposures, deadPorts, unreadExposures } from "./unused-entrances.ts";
import { importWays } from "./ways.ts";

export interface ImportedTopology {
  /** As a topology file has it. */
  readonly topology: Readonly<Record<string, unknown>>;
  /** What it does not say, or says in another way than the clusters have it. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * The topology of what runs in some clusters. A pure function of what was read: names, ports and IDs stay as they are, every entry may take
 * over what is there (`adopt`), and what a topology cannot say is listed.
 */
export function importTopology(contract: OperatorContract, clusters: readonly ClusterContents[]): ImportedTopology {
  const all = clusters.flatMap((cluster) => livePeers(contract, cluster));
  const peers = all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);
  const leftOut: LeftOut[] = all
    .filter((peer) => !peers.includes(peer))
    .map(({ cluster, namespace, name }) => ({
      cluster,
      object: `BigPeer ${namespace}/${name}`,
      reason: `another cluster has a Big Peer ${name}, too, and a topology can have only one of that name`,
      offer: "import it into a topology of its own, or move it to a Big Peer of another name",
    }));
  const isPart = (object: { readonly cluster: string; readonly namespace: string; readonly peer: string }) =>
    peers.some(({ cluster, namespace, name }) => {
      return cluster === object.cluster && namespace === object.namespace && name === object.peer;
    });
  const liveAppObjects = clusters.flatMap((cluster) => liveApps(contract, cluster));
  const liveSideObjects = clusters.flatMap((cluster) => liveSides(contract, cluster));
  leftOut.push(
    ...[
      ...liveAppObjects.map((app) => ({ ...app, kind: "BigPeerApp" })),
      ...liveSideObjects.map((side) => ({ ...side, kind: "BigPeerReplication" })),
    ]
      .filter((object) => !isPart(object))
      .map(({ cluster, namespace, name, kind, peer }) => ({
        cluster,
        object: `${kind} ${namespace}/${name}`,
        reason: `its label ${contract.labels.bigPeer} names "${peer}", which is no Big Peer of the topology in its namespace`,
        offer: "delete it if nobody needs it",
      })),
  );
  const apps = liveAppObjects.filter(isPart);
  const sides = liveSideObjects.filter(isPart);
  const contexts = new Map(clusters.map(({ name, context }) => [name, context]));
  const importedApps = importApps(contract, apps, contexts);
  const idOf = (side: LiveSide) =>
    apps
      .find((app) => app.cluster === side.cluster && app.namespace === side.namespace && app.name === side.app)
      ?.id.toLowerCase();
  const entrances = clusters.flatMap(forwards);
  const authorities = new Authorities(contract, clusters, peers);
  const trust = trustBetween(authorities, peers);
  const exposures = clusters.flatMap((cluster) => liveExposures(cluster, sides));
  const joined = joinSides(sides, { forwards: entrances, exposures, appId: idOf, trust });
  const { unjoined } = joined;
  const ways = importWays(joined.links);
  const links = joined.links.map((link): JoinedLink => {
    if (!link.exposure || ways.explained.has(link)) return link;
    return { ...link, by: "address" };
  });
  for (const { initiator, address, reason } of unjoined)
    leftOut.push({
      ...objectOf(initiator),
      reason: `it ${initiator.paused ? "will dial" : "dials"} ${address}${initiator.paused ? " once it is resumed" : ""}: ${reason}`,
      offer:
        "an update removes the address from its connections; import the cluster that it leads to, too, or make sure that it is dead",
    });
  const replications = importReplications(contract, {
    sides,
    links,
    forwards: [...entrances, ...exposures],
    appOf: (side) => importedApps.names.get(idOf(side) ?? ""),
  });
  const namespaces = new Map(
    clusters.map(({ name }) => [
      name,
      mostUsed(peers.filter(({ cluster }) => cluster === name).map(({ namespace }) => namespace)),
    ]),
  );
  const trusted = importTrust(contract, contexts, { authorities, peers, all, links });
  const importedPeers = peers.map((peer) => {
    const own = namespaces.get(peer.cluster);
    const cluster = clusters.find(({ name }) => name === peer.cluster);
    const exposing = cluster && ways.clusters.get(cluster.name);
    const hasIngress = cluster !== undefined && (namesIngress(cluster, links, exposing) || isTransport(exposing));
    const namespace = peer.namespace === own ? undefined : peer.namespace;
    const named = ways.peers.get(peer.name);
    const { entry, leftOut } = importPeer(contract, peer, {
      context: contexts.get(peer.cluster) ?? peer.cluster,
      namespace,
      hasIngress,
      issuer: authorities.issuerOf(peer),
    });
    const way = named === undefined ? {} : { exposure: named };
    return { peer, leftOut, entry: { ...entry, ...trusted.entries.get(peer.name), ...way } };
  });
  leftOut.push(...importedPeers.flatMap((each) => each.leftOut));
  return {
    topology: {
      clusters: Object.fromEntries(
        clusters.map((cluster) => [
          cluster.name,
          clusterEntry(cluster, namespaces.get(cluster.name), {
            links,
            closed: replications.closed,
            ways: ways.clusters,
          }),
        ]),
      ),
      peers: Object.fromEntries(importedPeers.map(({ peer, entry }) => [peer.name, entry])),
      apps: Object.fromEntries(importedApps.entries),
      replications: Object.fromEntries(replications.entries),
    },
    leftOut: [
      ...leftOut,
      ...importedApps.leftOut,
      ...replications.leftOut,
      ...trusted.leftOut,
      ...deadPorts(entrances, links),
      ...ways.leftOut,
      ...unreadExposures(clusters),
      ...deadExposures(exposures, links),
    ],
  };
}
