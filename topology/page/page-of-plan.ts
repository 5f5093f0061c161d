import type { Labels } from "../expand/schema.ts";
import { appColour } from "../graph/colours.ts";
import { regionOf } from "../graph/regions.ts";
import type { Plan, PlannedCluster, PlannedPeer } from "../plan/plan.ts";
import { shareOf } from "../plan/share.ts";
import { maskedText } from "../secrets/texts.ts";
import type { PageData, PageEmptyCluster, PageLink, PagePeer, Section, StateSource } from "./page-data.ts";
import { allLinks } from "./page-links.ts";
import { exposureText, filled, toldOf } from "./page-sections.ts";
import { type Placed, positionsOf } from "./positions.ts";
import type { States } from "./states.ts";

interface PageOptions {
  readonly title: string;
  /** The label by whose values clusters are put into boxes; undefined: none are drawn. */
  readonly groupBy: string | undefined;
  /** Only these apps. Empty: all. */
  readonly apps: readonly string[];
  /** Only these peers, with those that they have links with. Empty: all. */
  readonly peers: readonly string[];
  /** What other commands have said. */
  readonly states: ReadonlyMap<StateSource, States>;
}

/**
 * Everything that a page shows of a plan. It holds names, addresses, queries and references to objects; nothing of a Secret, a `spec` or
 * a way to authenticate gets into it, and what looks like a secret in a query is masked.
 */
export async function pageOf(plan: Plan, options: PageOptions): Promise<PageData> {
  const { title, groupBy, states } = options;
  const removedPeers = new Map([...states.values()].flatMap(({ removedPeers }) => [...removedPeers]));
  const everybody = new Set([...plan.peers.keys(), ...removedPeers.keys()]);
  const links = allLinks(plan, states).filter(
    ({ app, initiator, target }) =>
      everybody.has(initiator) &&
      everybody.has(target) &&
      (options.apps.length === 0 || options.apps.includes(app)) &&
      (options.peers.length === 0 || options.peers.some((peer) => peer === initiator || peer === target)),
  );
  const ends = new Set([...links.flatMap(({ initiator, target }) => [initiator, target]), ...options.peers]);
  const narrowed = options.apps.length + options.peers.length > 0;
  const boxed = boxesOf(plan, groupBy);
  const placed = [...everybody]
    .filter((id) => !narrowed || ends.has(id))
    .map((id): Placed => ({ id, boxes: boxed.get(id) ?? ["", ""] }));
  // A page of some apps or peers has nothing to say of a cluster without any.
  const empty = narrowed
    ? []
    : [...plan.clusters.values()].filter(({ name }) => shareOf(plan, name).peers.length === 0);
  const positions = await positionsOf(
    [
      ...placed,
      ...empty.map(({ name }): Placed => ({ id: clusterId(name), boxes: [regionOf(plan, name, groupBy) ?? "", ""] })),
    ],
    links.map(({ initiator, target }) => [initiator, target]),
  );
  const peers = placed.map(({ id, boxes: [region, cluster] }): PagePeer => {
    const peer = plan.peers.get(id);
    const parent = cluster !== "" ? clusterId(cluster) : region !== "" ? region : undefined;
    const base = { id, parent, states: toldOf(states, "peers", id), ...(positions.get(id) ?? { x: 0, y: 0 }) };
    if (!peer) {
      const sections = [{ title: "Peer", items: [{ text: removedPeers.get(id) ?? "" }] }];
      return { ...base, cluster: "", version: "", labels: [], apps: [], sections };
    }
    const apps = [...plan.apps.values()].filter(({ objects }) => objects.some((object) => object.peer === id));
    return {
      ...base,
      cluster: peer.cluster,
      version: peer.settings.version,
      labels: labelsOf(plan, peer),
      apps: apps.map(({ name }) => name),
      sections: peerSections(plan, peer, links),
    };
  });
  const boxes = new Set(peers.flatMap(({ parent }) => parent ?? []));
  const clusters = [...plan.clusters.keys()]
    .filter((name) => boxes.has(clusterId(name)))
    .map((name) => ({ id: clusterId(name), name, region: regionOf(plan, name, groupBy) }));
  const emptyClusters = empty.map((cluster): PageEmptyCluster => {
    const id = clusterId(cluster.name);
    const place = positions.get(id) ?? { x: 0, y: 0 };
    return { ...emptyCluster(cluster), id, parent: regionOf(plan, cluster.name, groupBy), ...place };
  });
  const parents = [...placed.map(({ boxes: [region] }) => region), ...emptyClusters.map(({ parent = "" }) => parent)];
  const regions = [...new Set(parents)].filter((region) => region !== "");
  return {
    title,
    apps: [...plan.apps.keys()].map((name) => {
      const { light, dark } = appColour([...plan.apps.keys()], name);
      return { name, light, dark };
    }),
    sources: [...states.keys()],
    regions: regions.map((id) => ({ id, title: id })),
    clusters,
    emptyClusters,
    peers,
    links,
  };
}

function clusterId(name: string): string {
  return `cluster ${name}`;
}

/** The boxes of each peer. A cluster with one peer is no box: the peer shows its name. */
function boxesOf(plan: Plan, groupBy: string | undefined): ReadonlyMap<string, readonly [string, string]> {
  return new Map(
    [...plan.peers.values()].map(({ name, cluster }) => {
      const several = shareOf(plan, cluster).peers.length > 1;
      return [name, [regionOf(plan, cluster, groupBy) ?? "", several ? cluster : ""]] as const;
    }),
  );
}

/** What is known of a cluster in which no peer runs. */
function emptyCluster({ name, labels, context, namespace, closed, ways }: PlannedCluster) {
  const exposing = [...ways].map(([way, { kind }]) => ({ text: way === "default" ? kind : `${way}: ${kind}` }));
  return {
    name,
    labels: labelTexts(labels),
    states: {},
    sections: [
      {
        title: "Cluster",
        items: [
          { text: `no peer of the topology runs in it${closed ? ", and nobody dials into it" : ""}` },
          { text: `context ${context}, namespace ${namespace}` },
        ],
      },
      ...(exposing.length > 0 ? [{ title: "Would expose targets by", items: exposing }] : []),
    ],
  };
}

function labelsOf(plan: Plan, { cluster, settings }: PlannedPeer): string[] {
  return labelTexts({ ...plan.clusters.get(cluster)?.labels, ...settings.labels });
}

function labelTexts(all: Labels): string[] {
  return Object.entries(all).map(([name, value]) => maskedText(`${name}=${value}`));
}

function peerSections(plan: Plan, peer: PlannedPeer, links: readonly PageLink[]): Section[] {
  const { name, cluster, namespace, settings } = peer;
  const { kinds } = plan.operator;
  const place = plan.clusters.get(cluster);
  const apps = [...plan.apps.values()].flatMap(({ objects, ...app }) =>
    objects.filter((object) => object.peer === name).map((object) => ({ app, object })),
  );
  const sides = [...plan.replications.values()].flatMap((replication) =>
    replication.sides.filter((side) => side.peer === name),
  );
  const exposures = plan.exposures.filter((exposure) => exposure.peer === name);
  const own = links.filter(({ initiator, target }) => initiator === name || target === name);
  return filled([
    [
      "Place",
      [
        { text: `cluster ${cluster}${place?.closed ? ", into which nobody dials" : ""}` },
        { text: `context ${place?.context ?? cluster}, namespace ${namespace}` },
        ...(place?.stack === undefined ? [] : [{ text: `stack ${place.stack}` }]),
        { text: `version ${settings.version}` },
        { text: `HTTP API at ${peer.apiAddress} in the cluster` },
      ],
    ],
    ["Labels", labelsOf(plan, peer).map((text) => ({ text }))],
    ["Apps", apps.map(({ app }) => ({ text: app.id === undefined ? app.name : `${app.name}, ID ${app.id}` }))],
    ["Ports", exposures.map((exposure) => ({ text: exposureText(exposure) }))],
    ["Links", own.map((link) => ({ text: linkText(link, name), to: link.id }))],
    [
      "Trusts",
      peer.trusts.map((trust) => ({ text: `${trust.peer}, by Secret ${namespace}/${trust.secret}`, to: trust.peer })),
    ],
    [
      "Objects",
      [
        { text: `${kinds.bigPeer} ${namespace}/${name}` },
        ...apps.map(({ object }) => ({ text: `${kinds.app} ${object.namespace}/${object.name}` })),
        ...sides.map((side) => ({ text: `${kinds.replication} ${side.namespace}/${side.name}` })),
      ],
    ],
  ]);
}

function linkText({ replication, initiator, target }: PageLink, peer: string): string {
  return initiator === peer ? `${replication}: dials ${target}` : `${replication}: ${initiator} dials it`;
}
