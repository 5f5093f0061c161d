import type { Arrow, Drawing, DrawnMesh, Mark } from "./model.ts";

/** Two peers have one link, and a bundle of it would be longer. */
const leastMesh = 3;

/**
 * Draws each mesh as one node with an arrow from each of its peers: twelve peers have 66 links, and twelve arrows. A mesh that has been
 * narrowed to the links of one peer stays as it is.
 */
export function bundled(drawing: Drawing): Drawing {
  const regions = new Map(
    drawing.clusters.flatMap(({ peers, region }) => peers.map(({ id }) => [id, region] as const)),
  );
  const meshes: DrawnMesh[] = [];
  const instead = new Map<string, Arrow[]>();
  const byReplication = Map.groupBy(
    drawing.arrows.filter(({ form, bundle }) => form === "mesh" && !bundle),
    ({ replication }) => replication,
  );
  for (const [replication, links] of byReplication) {
    const members = [...new Set(links.flatMap(({ from, to }) => [from, to]))];
    const model = links.find(({ mark }) => mark !== "removed") ?? links[0];
    if (!model || members.length < leastMesh || links.length < members.length) continue;
    const id = `mesh ${replication}`;
    const places = new Set(members.map((member) => regions.get(member)));
    meshes.push({
      id,
      replication,
      app: model.app,
      queries: kept(links)[0]?.queries ?? model.queries,
      peers: members.length,
      links: links.length,
      region: places.size === 1 ? [...places][0] : undefined,
      mark: commonMark(links),
    });
    instead.set(
      replication,
      members.map((member) => partOf(member, id, links, model)),
    );
  }
  const arrows = drawing.arrows.flatMap((arrow) => {
    const parts = arrow.form === "mesh" && !arrow.bundle ? instead.get(arrow.replication) : undefined;
    if (parts === undefined) return [arrow];
    instead.set(arrow.replication, []);
    return parts;
  });
  return { ...drawing, meshes: [...drawing.meshes, ...meshes], arrows };
}

/** Links that were there before and stay: their queries tell a change. */
function kept(links: readonly Arrow[]): Arrow[] {
  return links.filter(({ mark }) => mark === undefined || mark === "changed");
}

/** The arrow of one peer. It goes through the peer's port where others dial that. */
function partOf(member: string, mesh: string, links: readonly Arrow[], model: Arrow): Arrow {
  const own = links.filter(({ from, to }) => from === member || to === member);
  const dials = (arrow: Arrow) => (arrow.dialler === "from" ? arrow.from : arrow.to) === member;
  const port = own.find((arrow) => !dials(arrow) && arrow.port !== undefined)?.port;
  return {
    ...model,
    id: `${mesh}/${member}`,
    bundle: true,
    links: own.length,
    breaks: own.some(({ breaks }) => breaks),
    from: member,
    to: mesh,
    dialler: port === undefined && own.some(dials) ? "from" : "to",
    dialledBefore: undefined,
    port,
    mark: commonMark(own),
  };
}

/** The mark that all of them have. */
function commonMark(links: readonly Arrow[]): Mark | undefined {
  const [mark, ...others] = new Set(links.map((link) => link.mark));
  return others.length === 0 ? mark : undefined;
}
