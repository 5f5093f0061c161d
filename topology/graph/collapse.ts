import { count } from "../../report/words.ts";
import type { Arrow, Drawing, DrawnCluster, DrawnPeer, DrawnPort } from "./model.ts";

/**
 * Draws each region by the roles of its peers, with how many there are: clusters are one box if their peers do the same in replications
 * of the same form. Unlike grouped peers, they may do it with different peers: the shops of all hubs of a region are one.
 */
export function collapsed(drawing: Drawing): Drawing {
  const roles = rolesOf(drawing);
  const byKind = Map.groupBy(drawing.clusters, (cluster) => kindOf(cluster, roles));
  const standsFor = new Map<string, string>();
  const portOf = new Map<string, string>();
  const clusters = [...byKind.values()].flatMap((alike): DrawnCluster[] => {
    const [first] = alike;
    if (!first) return [];
    const byRole = Map.groupBy(
      alike.flatMap(({ peers }) => peers),
      (peer) => roleOf(peer, roles),
    );
    const peers = [...byRole.values()].flatMap((members): DrawnPeer[] => {
      const [representative] = members;
      if (!representative) return [];
      for (const { id } of members) standsFor.set(id, representative.id);
      return [joinedPeer(representative, members)];
    });
    return [{ ...first, ...joinedTitle(first, alike), peers, ports: joinedPorts(first, alike, drawing, portOf) }];
  });
  const end = (id: string) => standsFor.get(id) ?? id;
  const moved = drawing.arrows.map((arrow) => ({
    ...arrow,
    from: end(arrow.from),
    to: end(arrow.to),
    port: arrow.port === undefined ? undefined : (portOf.get(arrow.port) ?? arrow.port),
  }));
  const alike = Map.groupBy(moved, ({ from, to, form, bundle, both, dialler, app, port, mark, breaks }) =>
    JSON.stringify([from, to, form, both, app, mark, breaks, ...(bundle ? [] : [dialler, port])]),
  );
  return { ...drawing, clusters, arrows: [...alike.values()].flatMap(joinedArrow) };
}

/** For each peer: what it does, whatever the other peers and the replications are called. */
function rolesOf({ arrows }: Drawing): ReadonlyMap<string, string> {
  const parts = new Map<string, Set<string>>();
  const note = (peer: string, { form, bundle, to, app, both, dialler, mark, breaks }: Arrow, end: "from" | "to") => {
    const way = bundle ? to : [both ? "both" : end, dialler === end];
    const known = parts.get(peer) ?? new Set();
    parts.set(peer, known.add(JSON.stringify([form, app, way, mark, breaks])));
  };
  for (const arrow of arrows) {
    note(arrow.from, arrow, "from");
    note(arrow.to, arrow, "to");
  }
  return new Map([...parts].map(([peer, texts]) => [peer, [...texts].sort().join("\n")]));
}

function roleOf({ id, mark }: DrawnPeer, roles: ReadonlyMap<string, string>): string {
  return JSON.stringify([roles.get(id), mark]);
}

function kindOf({ region, closed, mark, peers }: DrawnCluster, roles: ReadonlyMap<string, string>): string {
  return JSON.stringify([region, closed, mark, [...new Set(peers.map((peer) => roleOf(peer, roles)))].sort()]);
}

function joinedTitle(first: DrawnCluster, alike: readonly DrawnCluster[]): Pick<DrawnCluster, "label" | "count"> {
  if (alike.length === 1) return first;
  const clusters = alike.reduce((sum, cluster) => sum + cluster.count, 0);
  return { label: count(clusters, "cluster"), count: clusters };
}

function joinedPeer(first: DrawnPeer, members: readonly DrawnPeer[]): DrawnPeer {
  if (members.length === 1) return first;
  const names = members.flatMap((member) => member.names);
  const details = new Set(members.map(({ detail }) => detail));
  const versions = details.size === 1 ? first.detail : `${details.size} versions`;
  const shown = [names[0], names.at(-1)].map((name) => ends(name ?? "")).join(" to ");
  return { ...first, names, label: count(names.length, "peer"), detail: `${shown} (${versions})` };
}

/** The longest name that is drawn whole. */
const maxName = 18;

function ends(name: string): string {
  return name.length <= maxName ? name : `${name.slice(0, maxName - 1)}\u2026`;
}

/** One port for each way in which clusters that are alike are dialled: the ports of all meshes, and those of all hubs. */
function joinedPorts(
  first: DrawnCluster,
  alike: readonly DrawnCluster[],
  { arrows }: Drawing,
  portOf: Map<string, string>,
): DrawnPort[] {
  if (alike.length === 1) return [...first.ports];
  const uses = Map.groupBy(
    arrows.filter(({ port }) => port !== undefined),
    ({ port }) => port,
  );
  const useOf = ({ id, mark }: DrawnPort) => {
    const through = (uses.get(id) ?? []).map(({ form, bundle, to, app }) =>
      JSON.stringify([form, app, bundle ? to : ""]),
    );
    return JSON.stringify([[...new Set(through)].sort(), mark]);
  };
  const groups = Map.groupBy(
    alike.flatMap(({ ports }) => ports),
    useOf,
  );
  return [...groups.values()].flatMap((ports): DrawnPort[] => {
    const [one] = ports;
    if (!one) return [];
    for (const { id } of ports) portOf.set(id, one.id);
    const labels = new Set(ports.map(({ label }) => label));
    return [{ ...one, label: labels.size === 1 ? one.label : count(ports.length, "port") }];
  });
}

function joinedArrow(alike: readonly Arrow[]): Arrow[] {
  // Of a mesh, the first peer dials all others and is dialled by none.
  const first = alike.find(({ port }) => port !== undefined) ?? alike[0];
  if (!first) return [];
  if (alike.length === 1) return [first];
  const replications = new Set(alike.map(({ replication }) => replication));
  const byCollection = Map.groupBy(new Set(alike.flatMap(({ queries }) => queries)), collectionOf);
  const queries = [...byCollection].map(([collection, of]) =>
    of.length === 1 ? (of[0] ?? "") : `${collection}: ${of.length} queries`,
  );
  return [
    {
      ...first,
      replication: replications.size === 1 ? first.replication : count(replications.size, "replication"),
      links: alike.reduce((sum, { links }) => sum + links, 0),
      queries: queries.length > 0 ? queries : first.queries,
      dialledBefore: undefined,
    },
  ];
}

/** With the sign that a comparison gives to a query. */
function collectionOf(query: string): string {
  const at = query.indexOf(":");
  return at < 0 ? query : query.slice(0, at);
}
