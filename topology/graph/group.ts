import type { Arrow, Drawing, DrawnCluster, DrawnPeer } from "./model.ts";

/** Fewer equal peers than this are drawn one by one. */
const leastGroup = 3;

/**
 * Draws peers that are equal in everything but their name as one: the spokes of a hub, each in a cluster of its own or all in one.
 * Equal is what has the same arrows from and to the same peers, under the same marks. A name of a replication or a query that holds
 * the peer's own name is equal to one that holds another peer's in its place, and is drawn with `{peer}` for it.
 */
export function grouped(drawing: Drawing): Drawing {
  const clusterOf = new Map(
    drawing.clusters.flatMap((cluster) => cluster.peers.map(({ id }) => [id, cluster] as const)),
  );
  const roles = rolesOf(drawing, clusterOf);
  const groups = Map.groupBy(
    drawing.clusters.flatMap(({ peers }) => peers),
    (peer) => [roles.get(peer.id), peer.detail, peer.mark, placeOf(clusterOf.get(peer.id))].join("\n"),
  );
  const first = new Map<string, string>();
  const stands = new Map<string, readonly DrawnPeer[]>();
  for (const members of groups.values()) {
    const [representative] = members;
    if (!representative || members.length < leastGroup || !roles.has(representative.id)) continue;
    stands.set(representative.id, members);
    for (const { id } of members) first.set(id, representative.id);
  }
  const kept = (id: string) => (first.get(id) ?? id) === id;
  const arrows = drawing.arrows
    .filter(({ from, to }) => kept(from) && kept(to))
    .map((arrow) =>
      [arrow.from, arrow.to].reduce(
        (drawn, id) => ({
          ...withoutName(drawn, stands.get(id)?.[0]?.label ?? ""),
          links: drawn.links * (stands.get(id)?.length ?? 1),
        }),
        arrow,
      ),
    );
  const used = new Set(arrows.flatMap(({ port }) => (port === undefined ? [] : [port])));
  const each = portsOfOne(drawing, (peer) => first.has(peer));
  const clusters = drawing.clusters.flatMap((cluster): DrawnCluster[] => {
    const peers = cluster.peers.filter(({ id }) => kept(id)).map((peer) => groupedPeer(peer, stands.get(peer.id)));
    if (peers.length === 0 && cluster.peers.length > 0) return [];
    const [only] = cluster.peers;
    const alone = cluster.peers.length === 1 && only ? (stands.get(only.id)?.length ?? 1) : 1;
    const ports = cluster.ports
      .filter(({ id, mark }) => used.has(id) || (mark !== undefined && !each.has(id)))
      .map((port) => (used.has(port.id) && each.has(port.id) ? { ...port, label: "a port each" } : port));
    if (alone === 1) return [{ ...cluster, peers, ports }];
    const own = ports.map((port) => ({ ...port, label: "a port each" }));
    return [
      {
        ...cluster,
        label: `${alone} clusters: ${span(clustersOf(stands.get(only?.id ?? ""), clusterOf))}`,
        count: alone,
        peers,
        ports: own,
      },
    ];
  });
  return { ...drawing, clusters, arrows };
}

function groupedPeer(peer: DrawnPeer, members: readonly DrawnPeer[] | undefined): DrawnPeer {
  if (!members) return peer;
  const names = members.flatMap((member) => member.names);
  return { ...peer, names, label: `${names.length} peers`, detail: `${span(names)} (${peer.detail})` };
}

function clustersOf(members: readonly DrawnPeer[] | undefined, clusterOf: ReadonlyMap<string, DrawnCluster>): string[] {
  return (members ?? []).flatMap(({ id }) => clusterOf.get(id)?.label ?? []);
}

/** `shop-1 to shop-57`, as they are in the file. */
function span(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names[0]} to ${names.at(-1)}`;
}

/** Peers alone in their cluster are equal wherever they are; others only to those beside them. */
function placeOf(cluster: DrawnCluster | undefined): string {
  if (!cluster) return "";
  return cluster.peers.length === 1 ? `alone/${cluster.region}/${cluster.closed}/${cluster.mark}` : cluster.id;
}

/** For each peer: what its arrows have in common with an equal peer's. A peer without arrows has no role, and is never grouped. */
function rolesOf(drawing: Drawing, clusterOf: ReadonlyMap<string, DrawnCluster>): Map<string, string> {
  const parts = new Map<string, string[]>();
  const names = namesOf(drawing);
  const note = (peer: string, arrow: Arrow, other: string, way: string) => {
    const name = names.get(peer) ?? "";
    const { replication, both, dialler, queries, mark, breaks, paused } = withoutName(arrow, name);
    const exposed = arrow.port?.startsWith(`${clusterOf.get(other)?.id}/`) ? nameless(arrow.port, name) : "own";
    parts.set(peer, [
      ...(parts.get(peer) ?? []),
      // Members of a mesh have links with each other, not with the mesh.
      JSON.stringify([
        way,
        other,
        replication,
        both,
        dialler,
        queries,
        mark,
        breaks,
        paused,
        arrow.bundle ? peer : exposed,
      ]),
    ]);
  };
  for (const arrow of drawing.arrows) {
    note(arrow.from, arrow, arrow.to, "to");
    note(arrow.to, arrow, arrow.from, "from");
  }
  return new Map([...parts].map(([peer, texts]) => [peer, texts.sort().join("\n")]));
}

/** Ports at other peers that only one of the grouped peers goes through, each through its own. */
function portsOfOne(drawing: Drawing, inGroup: (peer: string) => boolean): Set<string> {
  const names = namesOf(drawing);
  const own = (port: string, peer: string) => inGroup(peer) && nameless(port, names.get(peer) ?? "") !== port;
  return new Set(
    drawing.arrows.flatMap(({ port, from, to, dialler }) =>
      port !== undefined && own(port, dialler === "from" ? from : to) ? [port] : [],
    ),
  );
}

function namesOf({ clusters }: Drawing): Map<string, string> {
  return new Map(clusters.flatMap(({ peers }) => peers.map(({ id, label }) => [id, label] as const)));
}

/** An arrow with `{peer}` wherever it names a peer. */
function withoutName(arrow: Arrow, name: string): Arrow {
  const queries = arrow.queries.map((query) => nameless(query, name));
  return { ...arrow, replication: nameless(arrow.replication, name), queries };
}

/** A name counts as one only where nothing before or after makes it part of a longer one: `shop-1` is not in `shop-12`. */
function nameless(text: string, name: string): string {
  if (name === "" || !text.includes(name)) return text;
  const literal = name.replace(/[^\p{L}\p{N}]/gu, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
  return text.replace(new RegExp(`(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`, "gu"), "{peer}");
}
