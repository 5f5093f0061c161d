import { ingressNginx } from "../file/exposure.ts";
import type { OperatorContract } from "../operator/contract.ts";
import { pageAddress } from "../pages.ts";
import { importApps, mostUsed } from "./apps.ts";
import { type LiveExposure, liveExposures } from "./exposing-objects.ts";
import type { LeftOut } from "./left-out.ts";
import { hostOf, type JoinedLink, joinSides } from "./links.ts";
import {
  type ClusterContents,
  type Forward,
  forwards,
  type LiveSide,
  liveApps,
  livePeers,
  liveSides,
} from "./live-objects.ts";
import { importPeer } from "./peers.ts";
import { importReplications, objectOf } from "./replications.ts";
import { otherTrust, trustBetween, trustedIssuer } from "./trust.ts";
import { importWays } from "./ways.ts";

export interface ImportedTopology {
  /** As a topology file has it. */
  readonly topology: Readonly<Record<string, unknown>>;
  /** What it does not say, or says in another way than the clusters have it. */
  readonly leftOut: readonly LeftOut[];
}

type Entry = Readonly<Record<string, unknown>>;

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
      reason: `another cluster has a Big Peer ${name}, and a topology has one for each name`,
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
  const importedApps = importApps(contract, apps);
  const idOf = (side: LiveSide) =>
    apps
      .find((app) => app.cluster === side.cluster && app.namespace === side.namespace && app.name === side.app)
      ?.id.toLowerCase();
  const entrances = clusters.flatMap(forwards);
  const trust = trustBetween(contract, clusters, peers);
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
      reason: `it dials ${address}: ${reason}`,
      offer:
        "an update takes the address off its connections; import the cluster that it leads to, too, or see that it is dead",
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
  const importedPeers = peers.map((peer) => {
    const own = namespaces.get(peer.cluster);
    const cluster = clusters.find(({ name }) => name === peer.cluster);
    const way = cluster && ways.clusters.get(cluster.name);
    const hasIngress = cluster !== undefined && (namesIngress(cluster, links, way) || isTransport(way));
    const namespace = peer.namespace === own ? undefined : peer.namespace;
    const named = ways.peers.get(peer.name);
    const { entry, unexpressed } = importPeer(contract, peer, {
      ...{ namespace, hasIngress, issuer: trustedIssuer(contract, peer, peers) },
    });
    return { peer, unexpressed, entry: named === undefined ? entry : { ...entry, exposure: named } };
  });
  for (const { peer, unexpressed } of importedPeers)
    for (const reason of unexpressed)
      leftOut.push({
        cluster: peer.cluster,
        object: `BigPeer ${peer.namespace}/${peer.name}`,
        reason,
        offer: `see ${pageAddress("docs/topology.md")}, \`auth\``,
      });
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
      ...otherTrust(contract, peers, links),
      ...deadPorts(entrances, links),
      ...ways.leftOut,
      ...unreadExposures(clusters),
      ...deadExposures(exposures, links),
    ],
  };
}

/** True if the topology names the ingress-nginx controller of a cluster: others dial it, or nothing else exposes anything there. */
function namesIngress(cluster: ClusterContents, links: readonly JoinedLink[], ways: Entry | undefined): boolean {
  return cluster.ingress !== undefined && (ways === undefined || dialledController(cluster, links).length > 0);
}

function isTransport(ways: Entry | undefined): boolean {
  return JSON.stringify(ways ?? {}).includes('"transportServer":');
}

function dialledController({ name }: ClusterContents, links: readonly JoinedLink[]): JoinedLink[] {
  return links.filter(({ target, by, exposure }) => by === "forward" && !exposure && target.cluster === name);
}

function clusterEntry(
  cluster: ClusterContents,
  namespace: string | undefined,
  found: {
    readonly links: readonly JoinedLink[];
    readonly closed: ReadonlySet<string>;
    readonly ways: ReadonlyMap<string, Entry>;
  },
): Entry {
  const { name, context, ingress } = cluster;
  const { links, closed } = found;
  const ways = found.ways.get(name);
  const dialled = dialledController(cluster, links);
  const hosts = dialled.map(({ address }) => hostOf(address));
  const host = hosts.length > 0 ? mostUsed(hosts) : ingress?.host;
  const { first, last } = ingressNginx.parse({}).ports;
  const ports = dialled.map(({ address }) => Number(/:(\d+)$/.exec(address)?.[1]));
  const widened = { first: Math.min(first, ...ports), last: Math.max(last, ...ports) };
  const range = widened.first < first || widened.last > last ? { ports: `${widened.first}-${widened.last}` } : {};
  return {
    ...(context === name ? {} : { context }),
    ...(namespace === undefined || namespace === "" || namespace === "ditto" ? {} : { namespace }),
    ...(closed.has(name) ? { inbound: "none" } : {}),
    ...ways,
    ...(ingress && namesIngress(cluster, links, ways)
      ? { ingress: { ...(host === undefined ? {} : { host }), ...range, ...ingress.settings } }
      : {}),
  };
}

/** Ports of a controller that nobody dials, or that lead nowhere. */
function deadPorts(entrances: readonly Forward[], links: readonly JoinedLink[]): LeftOut[] {
  return entrances
    .filter(({ cluster, port, service }) => {
      return !links.some(
        ({ target, address }) =>
          target.cluster === cluster && target.service === service && address.endsWith(`:${port}`),
      );
    })
    .map(({ cluster, port, namespace, service }) => ({
      cluster,
      object: `port ${port} of the ingress controller, to ${namespace}/${service}`,
      reason: "no replication of these clusters dials it",
      offer: "it stays open; close it if nobody else uses it",
    }));
}

/** Clusters in which an import had too few rights to see what exposes targets. */
function unreadExposures(clusters: readonly ClusterContents[]): LeftOut[] {
  return clusters.flatMap(({ name, unread }) =>
    unread === undefined
      ? []
      : [
          {
            cluster: name,
            object: "Services and routes that expose targets",
            reason: unread,
            offer:
              "run it again with that right; until then the addresses that they give are written as somebody else's",
          },
        ],
  );
}

/** Objects that expose a side at a port that nobody dials. */
function deadExposures(exposures: readonly LiveExposure[], links: readonly JoinedLink[]): LeftOut[] {
  return exposures
    .filter(({ cluster, port, service }) => {
      return !links.some(
        ({ target, address }) =>
          target.cluster === cluster && target.service === service && address.endsWith(`:${port}`),
      );
    })
    .map(({ cluster, object, namespace, service }) => ({
      cluster,
      object,
      reason: `it exposes ${namespace}/${service}, and no replication of these clusters dials it`,
      offer: "it stays as it is; delete it if nobody else uses it",
    }));
}
