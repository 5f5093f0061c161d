import type { ElkExtendedEdge, ElkNode, ElkPoint } from "elkjs/lib/elk-api.js";
import { arrowLines } from "./labels.ts";
import type { Arrow, Drawing, DrawnCluster, DrawnPeer, DrawnPort } from "./model.ts";
import { textWidth } from "./text-width.ts";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Line {
  /** From the end that dials to the other one. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** The arrows that run along it: one, or all that share the way from a port to its peer. */
  readonly arrows: readonly Arrow[];
  /** True if the end that dials is one of its ends. */
  readonly dialler: boolean;
  /** True if data comes out at its first point, and at its last. */
  readonly headAtStart: boolean;
  readonly headAtEnd: boolean;
  readonly label: (Box & { readonly lines: readonly string[] }) | undefined;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly clusters: readonly (Box & { readonly cluster: DrawnCluster })[];
  readonly peers: readonly (Box & { readonly peer: DrawnPeer })[];
  readonly ports: readonly (Box & { readonly port: DrawnPort })[];
  readonly lines: readonly Line[];
}

export const lineHeight = 15;
export const labelSize = 11.5;
export const nameSize = 13.5;

const peerHeight = 50;

/** Room for a dot or an arrowhead at the side of a peer. */
const endRoom = 14;

/** The distance by which the sheets behind a shape that stands for several reach out. */
export const stackDepth = 8;

/** A cluster inherits nothing from the picture around it. */
const spacing = {
  "elk.layered.edgeLabels.sideSelection": "ALWAYS_UP",
  "elk.spacing.nodeNode": "28",
  "elk.spacing.edgeNode": "18",
  "elk.spacing.edgeEdge": "16",
  "elk.spacing.edgeLabel": "4",
  "elk.layered.spacing.nodeNodeBetweenLayers": "48",
  "elk.layered.spacing.edgeNodeBetweenLayers": "22",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "16",
};

const options = {
  ...spacing,
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.json.edgeCoords": "ROOT",
  "elk.json.shapeCoords": "ROOT",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  // Inside a cluster ELK fails over it.
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.padding": "[top=20,left=20,bottom=20,right=20]",
};

/** Places every element. Who dials is on the left of whom it dials, wherever that is possible. */
export async function layOut(drawing: Drawing): Promise<Layout> {
  const known = new Set(drawing.clusters.flatMap(({ peers }) => peers.map(({ id }) => id)));
  const arrows = drawing.arrows.filter(({ from, to }) => known.has(from) && known.has(to));
  const edges = edgesOf(drawing, arrows);
  // Large, and needed by pictures only.
  const elk = await import("elkjs/lib/elk.bundled.js");
  const graph: ElkNode = {
    id: "root",
    layoutOptions: options,
    children: drawing.clusters.map((cluster) => clusterNode(cluster, edges)),
    edges: edges.map(({ edge }) => edge),
  };
  const root = await new elk.default.default().layout(graph);
  const placed = new Map<string, Box>();
  const note = (node: ElkNode) => {
    placed.set(node.id, box(node));
    for (const port of node.ports ?? []) placed.set(port.id, box(port));
    for (const child of node.children ?? []) note(child);
  };
  note(root);
  const routed = new Map(edgesIn(root).map((edge) => [edge.id, edge]));
  return {
    width: root.width ?? 0,
    height: root.height ?? 0,
    clusters: drawing.clusters.flatMap((cluster) => at(placed, cluster.id, { cluster })),
    peers: drawing.clusters.flatMap(({ peers }) => peers.flatMap((peer) => at(placed, peer.id, { peer }))),
    ports: drawing.clusters.flatMap(({ ports }) => ports.flatMap((port) => at(placed, `port ${port.id}`, { port }))),
    lines: edges.flatMap(({ edge, line }) => routedLine(routed.get(edge.id), line)),
  };
}

function clusterNode(cluster: DrawnCluster, edges: readonly Planned[]): ElkNode {
  const title =
    textWidth(cluster.label, nameSize) + (cluster.closed ? textWidth("nobody dials in", labelSize) : 0) + 48;
  const [right, bottom] = cluster.count > 1 ? [22 + stackDepth, 22 + stackDepth] : [22, 22];
  return {
    id: cluster.id,
    layoutOptions: {
      ...spacing,
      "elk.padding": `[top=44,left=22,bottom=${bottom},right=${right}]`,
      "elk.nodeSize.constraints": "MINIMUM_SIZE",
      "elk.nodeSize.minimum": `(${title}, 90)`,
    },
    ports: cluster.ports.map((port) => ({
      id: `port ${port.id}`,
      width: textWidth(port.label, labelSize) + 14,
      height: 20,
      layoutOptions: { "elk.port.borderOffset": "-10" },
    })),
    children: cluster.peers.map((peer) => ({
      id: peer.id,
      width: Math.max(96, textWidth(peer.label, nameSize) + 32, textWidth(peer.detail, labelSize) + 32) + depth(peer),
      height: Math.max(peerHeight, crowd(peer, edges) * endRoom) + depth(peer),
    })),
  };
}

/** The number of lines that end at a peer's left or right side, whichever has more. */
function crowd({ id }: DrawnPeer, edges: readonly Planned[]): number {
  const ends = (at: "sources" | "targets") => edges.filter(({ edge }) => edge[at].includes(id)).length;
  return Math.max(ends("sources"), ends("targets"));
}

function depth({ names }: DrawnPeer): number {
  return names.length > 1 ? stackDepth : 0;
}

interface Planned {
  readonly edge: ElkExtendedEdge;
  readonly line: Omit<Line, "points" | "label"> & { readonly lines: readonly string[] };
}

function edgesOf({ clusters }: Drawing, arrows: readonly Arrow[]): Planned[] {
  const ports = new Set(clusters.flatMap((cluster) => cluster.ports.map(({ id }) => id)));
  const through = new Map<string, Arrow[]>();
  const outer = arrows.map((arrow, index): Planned => {
    const { from, to, both, dialler, port, queries } = arrow;
    const [dialling, dialled] = dialler === "from" ? [from, to] : [to, from];
    const exposed = port !== undefined && ports.has(port) ? port : undefined;
    if (exposed !== undefined) through.set(exposed, [...(through.get(exposed) ?? []), arrow]);
    const lines = arrowLines(arrow);
    const target = exposed === undefined ? dialled : `port ${exposed}`;
    const headAtStart = queries.length > 0 && (both || dialler === "to");
    const headAtEnd = queries.length > 0 && (both || dialler === "from") && exposed === undefined;
    return {
      edge: { id: `e${index}`, sources: [dialling], targets: [target], labels: [labelOf(`l${index}`, lines)] },
      line: { arrows: [arrow], dialler: true, headAtStart, headAtEnd, lines },
    };
  });
  const inner = [...through].map(([port, shared], index): Planned => {
    const [first] = shared;
    const dialled = first?.dialler === "from" ? first.to : (first?.from ?? "");
    const headAtEnd = shared.some(({ both, dialler, queries }) => queries.length > 0 && (both || dialler === "from"));
    return {
      edge: { id: `p${index}`, sources: [`port ${port}`], targets: [dialled] },
      line: { arrows: shared, dialler: false, headAtStart: false, headAtEnd, lines: [] },
    };
  });
  return [...outer, ...inner];
}

function labelOf(id: string, lines: readonly string[]) {
  const width = Math.max(...lines.map((text) => textWidth(text, labelSize))) + 12;
  return { id, text: lines.join("\n"), width, height: lines.length * lineHeight + 6 };
}

function edgesIn(node: ElkNode): ElkExtendedEdge[] {
  return [...(node.edges ?? []), ...(node.children ?? []).flatMap(edgesIn)];
}

function routedLine(edge: ElkExtendedEdge | undefined, { lines, ...line }: Planned["line"]): Line[] {
  const [section] = edge?.sections ?? [];
  if (!section) return [];
  const points: ElkPoint[] = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
  const [label] = edge?.labels ?? [];
  return [{ ...line, points, label: label && lines.length > 0 ? { ...box(label), lines } : undefined }];
}

function at<T extends object>(placed: ReadonlyMap<string, Box>, id: string, rest: T): (Box & T)[] {
  const found = placed.get(id);
  return found ? [{ ...found, ...rest }] : [];
}

function box({ x, y, width, height }: { x?: number; y?: number; width?: number; height?: number }): Box {
  return { x: x ?? 0, y: y ?? 0, width: width ?? 0, height: height ?? 0 };
}
