import type { ElkNode } from "elkjs/lib/elk-api.js";

/** A peer, and the box that it is drawn in. */
export interface Placed {
  readonly id: string;
  /** Region, then cluster; empty where it is in none. */
  readonly boxes: readonly [region: string, cluster: string];
}

export interface Position {
  readonly x: number;
  readonly y: number;
}

/** Room for one peer and its name, in pixels. */
const cell = { width: 170, height: 76 };

/** Between blocks, with the borders and titles of the boxes around them. */
const gap = 70;

/** How much wider than high a picture is. */
const aspect = 1.6;

interface Block {
  readonly width: number;
  readonly height: number;
  readonly at: ReadonlyMap<string, Position>;
}

/** With more peers, or more links for each of them, layers would be longer than they help. */
const layered = { peers: 60, linksPerPeer: 1.5, leaves: 6 };

/**
 * Where each peer is drawn. Peers that replicate with one other peer alone are a block with it; blocks stand in layers, from who dials to
 * who is dialled, or in rows where they are many; boxes stand in rows.
 */
export async function positionsOf(
  peers: readonly Placed[],
  links: readonly (readonly [initiator: string, target: string])[],
): Promise<ReadonlyMap<string, Position>> {
  const regions = [...Map.groupBy(peers, ({ boxes }) => boxes[0]).values()].map(async (region) => {
    const clusters = [...Map.groupBy(region, ({ boxes }) => boxes[1]).values()];
    return inRows(await Promise.all(clusters.map((cluster) => blockOf(cluster, links))));
  });
  return inRows(await Promise.all(regions)).at;
}

/** The peers of one box. */
async function blockOf(peers: readonly Placed[], links: readonly (readonly [string, string])[]): Promise<Block> {
  const own = new Set(peers.map(({ id }) => id));
  const hubOf = hubsOf(own, links);
  const leaves = Map.groupBy(hubOf, ([, hub]) => hub);
  const blocks = new Map(
    [...own]
      .filter((id) => !hubOf.has(id))
      .map((id) => {
        const around = (leaves.get(id) ?? []).map(([leaf]) => leaf);
        return [id, constellation(id, around)] as const;
      }),
  );
  const between = links.filter(([one, other]) => blocks.has(one) && blocks.has(other));
  const crowded = [...leaves.values()].some((each) => each.length > layered.leaves);
  const many = blocks.size > layered.peers || between.length > blocks.size * layered.linksPerPeer;
  return crowded || many || between.length === 0 ? inRows([...blocks.values()]) : inLayers(blocks, between);
}

/** Who replicates with one other peer alone, and with whom, where that one is in the same box. */
function hubsOf(own: ReadonlySet<string>, links: readonly (readonly [string, string])[]): Map<string, string> {
  const neighbours = new Map<string, Set<string>>();
  for (const [one, other] of links)
    for (const [id, next] of [
      [one, other],
      [other, one],
    ] as const)
      neighbours.set(id, (neighbours.get(id) ?? new Set()).add(next));
  const hubs = new Map<string, string>();
  for (const id of own) {
    const [only, ...others] = neighbours.get(id) ?? [];
    // Of two that have nobody else, the second is around the first.
    if (only === undefined || others.length > 0 || !own.has(only) || hubs.has(only)) continue;
    if (neighbours.get(only)?.size === 1) continue;
    hubs.set(id, only);
  }
  return hubs;
}

/** A peer above those that are around it. */
function constellation(hub: string, leaves: readonly string[]): Block {
  const columns = Math.max(1, Math.ceil(Math.sqrt((leaves.length * cell.height * aspect) / cell.width)));
  const rows = Math.ceil(leaves.length / columns);
  const width = columns * cell.width;
  const places = leaves.map((id, index): [string, Position] => [
    id,
    {
      x: ((index % columns) + 0.5) * cell.width,
      y: (Math.floor(index / columns) + 2) * cell.height,
    },
  ]);
  const height = rows === 0 ? cell.height : (rows + 2) * cell.height - cell.height / 2;
  return { width, height, at: new Map([[hub, { x: width / 2, y: cell.height / 2 }], ...places]) };
}

/** Row by row, about as wide as its aspect asks for. */
function inRows(blocks: readonly Block[]): Block {
  const area = blocks.reduce((sum, { width, height }) => sum + (width + gap) * (height + gap), 0);
  const most = Math.max(Math.sqrt(area * aspect), ...blocks.map(({ width }) => width));
  const at = new Map<string, Position>();
  let [x, y, rowHeight, widest] = [0, 0, 0, 0];
  for (const block of blocks) {
    if (x > 0 && x + block.width > most) [x, y, rowHeight] = [0, y + rowHeight + gap, 0];
    for (const [id, place] of block.at) at.set(id, { x: place.x + x, y: place.y + y });
    x += block.width + gap;
    widest = Math.max(widest, x - gap);
    rowHeight = Math.max(rowHeight, block.height);
  }
  return { width: widest, height: y + rowHeight, at };
}

async function inLayers(
  blocks: ReadonlyMap<string, Block>,
  links: readonly (readonly [string, string])[],
): Promise<Block> {
  const elk = await import("elkjs/lib/elk.bundled.js");
  const pairs = new Map(links.map((pair) => [pair.join(" "), pair]));
  const graph: ElkNode = {
    id: "root",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "RIGHT",
      "elk.spacing.nodeNode": "30",
      "elk.layered.spacing.nodeNodeBetweenLayers": "90",
      "elk.aspectRatio": String(aspect),
    },
    children: [...blocks].map(([id, { width, height }]) => ({ id, width, height })),
    edges: [...pairs].map(([id, [source, target]]) => ({ id, sources: [source], targets: [target] })),
  };
  const root = await new elk.default.default().layout(graph);
  const at = new Map<string, Position>();
  for (const { id, x = 0, y = 0 } of root.children ?? [])
    for (const [peer, place] of blocks.get(id)?.at ?? []) at.set(peer, { x: place.x + x, y: place.y + y });
  return { width: root.width ?? 0, height: root.height ?? 0, at };
}
