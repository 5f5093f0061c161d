import type { Arrow, Drawing } from "./model.ts";

/** The arrows that are asked for, their ends, and the peers that are asked for even where no arrow touches them. */
export function narrowed(
  drawing: Drawing,
  { apps, peers }: { apps: readonly string[]; peers: readonly string[] },
): Drawing {
  if (apps.length === 0 && peers.length === 0) return drawing;
  const wanted = (id: string) => peers.includes(id.slice(id.indexOf("/") + 1));
  const arrows = drawing.arrows.filter(
    ({ app, from, to }) =>
      (apps.length === 0 || apps.includes(app)) && (peers.length === 0 || wanted(from) || wanted(to)),
  );
  return keeping(drawing, arrows, wanted);
}

/** What a comparison marks and the links that break, with the peers that they touch. */
export function onlyChanged(drawing: Drawing): Drawing {
  const marked = new Set(
    drawing.clusters.flatMap(({ peers }) => peers.filter(({ mark }) => mark !== undefined).map(({ id }) => id)),
  );
  const arrows = drawing.arrows.filter(
    ({ mark, breaks, from, to }) => mark !== undefined || breaks || (marked.has(from) && marked.has(to)),
  );
  return keeping(drawing, arrows, (id) => marked.has(id));
}

/** Leaves out the peers that no arrow touches, the ports that none goes through, and the clusters that are empty then. */
function keeping(drawing: Drawing, arrows: readonly Arrow[], wanted: (peer: string) => boolean): Drawing {
  const touched = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  const used = new Set(arrows.flatMap(({ port }) => (port === undefined ? [] : [port])));
  const clusters = drawing.clusters.map((cluster) => ({
    ...cluster,
    peers: cluster.peers.filter(({ id }) => touched.has(id) || wanted(id)),
    ports: cluster.ports.filter(({ id, mark }) => used.has(id) || mark !== undefined),
  }));
  return {
    ...drawing,
    clusters: clusters.filter(({ peers, mark }) => peers.length > 0 || mark !== undefined),
    meshes: drawing.meshes.filter(({ id, mark }) => touched.has(id) || mark !== undefined),
    arrows,
  };
}
