import { bothWays } from "./both-ways.ts";
import { arrowLines, markSign, meshLines } from "./labels.ts";
import type { Arrow, Drawing, DrawnCluster } from "./model.ts";
import { textWidth } from "./text-width.ts";

/** A comment on a forge is about 900 pixels wide; what is wider is shrunk, and its text with it. */
const mostWide = 950;

/** The font that Mermaid writes with, in pixels. */
const mermaidSize = 16;

/** The borders of a node, and of the box of its cluster around it. */
const around = { node: 60, box: 60 };

interface Orientation {
  /** What is drawn: two arrows of a link are one where they would make the picture too wide. */
  readonly drawing: Drawing;
  readonly direction: "LR" | "TB";
  /** True if it is wider than a comment in both directions. */
  readonly wide: boolean;
}

/**
 * The direction in which Mermaid lays a drawing out: from left to right, unless that is too wide for a comment and from top to bottom is
 * not as wide. Estimated, since only Mermaid itself knows: as it does, nodes are put into ranks along the arrows.
 */
export function orientationOf(drawing: Drawing): Orientation {
  const first = estimated(drawing);
  if (first.direction === "LR" && !first.wide) return first;
  const merged = bothWays(drawing);
  return merged.arrows.length < drawing.arrows.length ? estimated(merged) : first;
}

function estimated(drawing: Drawing): Orientation {
  // Where arrows make a circle, it depends on the node with which Mermaid begins how many ranks there are.
  const [ranks, others] = [ranksOf(drawing, nodesOf(drawing)), ranksOf(drawing, nodesOf(drawing).reverse())];
  const widths = new Map(nodesOf(drawing).map(({ id, lines }) => [id, widthOf(lines) + around.node + around.box]));
  const wide = (ids: readonly string[]) => ids.map((id) => widths.get(id) ?? 0);
  const labels = Math.max(0, ...drawing.arrows.map((arrow) => widthOf(arrowLines(arrow))));
  const lengthOf = (each: readonly string[][]) =>
    each.reduce((sum, ids) => sum + Math.max(0, ...wide(ids)), 0) + (each.length - 1) * (labels + 50);
  const across = Math.max(lengthOf(ranks), lengthOf(others));
  if (across <= mostWide) return { drawing, direction: "LR", wide: false };
  const sum = (all: readonly number[]) => all.reduce((one, other) => one + other, 0);
  // Labels of lines that go down stand beside each other, too.
  const beside = sum(drawing.arrows.map((arrow) => widthOf(arrowLines(arrow)))) / Math.max(1, ranks.length - 1);
  const down = Math.max(beside, ...ranks.map((ids) => sum(wide(ids))));
  return { drawing, direction: down < across ? "TB" : "LR", wide: Math.min(down, across) > mostWide };
}

function nodesOf({ clusters, meshes }: Drawing): { id: string; lines: readonly string[] }[] {
  return [
    ...clusters.flatMap((cluster) =>
      cluster.peers.map(({ id, label, detail }) => ({
        id,
        lines: [label, detail, clusterTitle(cluster), ...portLines(cluster)],
      })),
    ),
    ...meshes.map((mesh) => ({ id: mesh.id, lines: meshLines(mesh) })),
  ];
}

/**
 * The title of a cluster, which its box is never narrower than. Where the peer in it says the same names, it has their number alone, and
 * where there is one peer, that has the ports.
 */
export function clusterTitle({ label, count, closed, peers, ports, mark }: DrawnCluster): string {
  const [number = "", names] = label.split(": ");
  const repeated = count > 1 && names !== undefined && peers.some(({ detail }) => detail.startsWith(`${names} `));
  const exposed = peers.length === 1 ? "" : ports.map((port) => `${markSign(port.mark)}${port.label}`).join(", ");
  const parts = [
    `${markSign(mark)}${repeated ? number : label}`,
    closed ? "nobody dials in" : "",
    exposed && `exposes ${exposed}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** A line for each port of a cluster with one peer. */
export function portLines({ peers, ports }: DrawnCluster): string[] {
  return peers.length === 1 ? ports.map(({ label, mark }) => `${markSign(mark)}exposes ${label}`) : [];
}

function widthOf(lines: readonly string[]): number {
  return Math.max(0, ...lines.map((line) => textWidth(line, mermaidSize)));
}

/** The nodes by how many arrows lead to them at most, without those that close a circle, beginning with the first node. */
function ranksOf(drawing: Drawing, nodes: readonly { readonly id: string }[]): string[][] {
  const out = Map.groupBy(drawing.arrows, ({ from }) => from);
  const order: string[] = [];
  const state = new Map<string, "open" | "done">();
  const forward = new Set<Arrow>();
  const visit = (id: string) => {
    state.set(id, "open");
    for (const arrow of out.get(id) ?? []) {
      if (state.get(arrow.to) === "open") continue;
      forward.add(arrow);
      if (!state.has(arrow.to)) visit(arrow.to);
    }
    state.set(id, "done");
    order.unshift(id);
  };
  for (const { id } of nodes) if (!state.has(id)) visit(id);
  const rank = new Map<string, number>();
  for (const id of order)
    for (const arrow of out.get(id) ?? [])
      if (forward.has(arrow)) rank.set(arrow.to, Math.max(rank.get(arrow.to) ?? 0, (rank.get(id) ?? 0) + 1));
  const ranks: string[][] = [];
  for (const { id } of nodes) {
    const at = rank.get(id) ?? 0;
    ranks[at] = [...(ranks[at] ?? []), id];
  }
  return ranks;
}
