import type { ElkExtendedEdge, ElkNode, ElkPoint } from "elkjs/lib/elk-api.js";
import { crowd, edgesOf, type PlannedEdge, portId } from "./edges.ts";
import { meshLines, regionTitle } from "./labels.ts";
import type { Drawing, DrawnCluster, DrawnMesh, DrawnPeer, DrawnPort } from "./model.ts";
import { labelSize, lineHeight, nameSize, textWidth } from "./text-width.ts";

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** `arrows` run along it from the end that dials to the other one. */
export interface Line extends Omit<PlannedEdge["line"], "lines"> {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly label: (Box & { readonly lines: readonly string[] }) | undefined;
}

/** The way in which lines run from who dials to whom it dials. */
export type Direction = "right" | "down";

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly regions: readonly (Box & { readonly title: string })[];
  readonly clusters: readonly (Box & { readonly cluster: DrawnCluster })[];
  readonly meshes: readonly (Box & { readonly mesh: DrawnMesh })[];
  readonly peers: readonly (Box & { readonly peer: DrawnPeer })[];
  readonly ports: readonly (Box & { readonly port: DrawnPort })[];
  readonly lines: readonly Line[];
}

const peerHeight = 50;

/** Room for a dot or an arrowhead at the side of a peer, or for a line at the side of a port. */
const endRoom = 14;

const portHeight = 20;

/** The distance by which the sheets behind a shape that stands for several reach out. */
export const stackDepth = 8;

/** A cluster inherits nothing from the picture around it. */
const spacing = {
  "elk.layered.edgeLabels.sideSelection": "ALWAYS_UP",
  "elk.spacing.nodeNode": "28",
  "elk.spacing.edgeNode": "18",
  "elk.spacing.edgeEdge": "16",
  "elk.spacing.edgeLabel": "4",
  "elk.layered.spacing.nodeNodeBetweenLayers": "34",
  "elk.layered.spacing.edgeNodeBetweenLayers": "16",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "16",
};

const options = {
  ...spacing,
  "elk.algorithm": "layered",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.json.edgeCoords": "ROOT",
  "elk.json.shapeCoords": "ROOT",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  // Inside a cluster ELK fails over it.
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.padding": "[top=20,left=20,bottom=20,right=20]",
};

/** Places every element. Who dials is on the left of whom it dials, or above it, wherever that is possible. */
export async function layOut(drawing: Drawing, direction: Direction = "right"): Promise<Layout> {
  const peers = drawing.clusters.flatMap((cluster) => cluster.peers.map(({ id }) => id));
  const known = new Set([...peers, ...drawing.meshes.map(({ id }) => id)]);
  const arrows = drawing.arrows.filter(({ from, to }) => known.has(from) && known.has(to));
  const edges = edgesOf(drawing, arrows);
  // Large, and needed by pictures only.
  const elk = await import("elkjs/lib/elk.bundled.js");
  const graph: ElkNode = {
    id: "root",
    layoutOptions: { ...options, "elk.direction": direction.toUpperCase() },
    children: rootNodes(drawing, edges, direction),
    edges: edges.map(({ edge }) => edge),
  };
  const root = await new elk.default.default().layout(graph);
  const placed = new Map<string, Box>();
  const note = (node: ElkNode) => {
    placed.set(node.id, box(node));
    for (const child of node.children ?? []) note(child);
  };
  note(root);
  const routed = new Map(edgesIn(root).map((edge) => [edge.id, edge]));
  return {
    width: root.width ?? 0,
    height: root.height ?? 0,
    regions: regionsOf(drawing).flatMap((region) =>
      at(placed, regionId(region), { title: regionTitle(region, drawing.clusters) }),
    ),
    meshes: drawing.meshes.flatMap((mesh) => at(placed, mesh.id, { mesh })),
    clusters: drawing.clusters.flatMap((cluster) => at(placed, cluster.id, { cluster })),
    peers: drawing.clusters.flatMap(({ peers }) => peers.flatMap((peer) => at(placed, peer.id, { peer }))),
    ports: drawing.clusters.flatMap(({ ports }) => ports.flatMap((port) => at(placed, portId(port.id), { port }))),
    lines: edges.flatMap((planned) => routedLine(routed.get(planned.edge.id), planned)),
  };
}

/** The regions in the order of their first clusters. */
function regionsOf({ clusters }: Drawing): string[] {
  return [...new Set(clusters.flatMap(({ region }) => region ?? []))];
}

/** No cluster has a name with a blank in it. */
function regionId(region: string): string {
  return `region ${region}`;
}

/** Regions with their clusters and meshes in them, and what is in no region. */
function rootNodes(drawing: Drawing, edges: readonly PlannedEdge[], direction: Direction): ElkNode[] {
  const nodes = [
    ...drawing.clusters.map((cluster) => ({ region: cluster.region, node: clusterNode(cluster, edges, direction) })),
    ...drawing.meshes.map((mesh) => ({ region: mesh.region, node: meshNode(mesh, edges, direction) })),
  ];
  const regions = regionsOf(drawing).map((region): ElkNode => {
    const title = textWidth(regionTitle(region, drawing.clusters), nameSize) + 40;
    return {
      id: regionId(region),
      layoutOptions: {
        ...spacing,
        ...framed(title, { bottom: 18, side: 18, right: 18 }, direction),
      },
      children: nodes.filter((each) => each.region === region).map(({ node }) => node),
    };
  });
  return [...regions, ...nodes.filter(({ region }) => region === undefined).map(({ node }) => node)];
}

/** A box with a title. Lines that go down enter it beside its title, and not through it. */
function framed(
  title: number,
  { bottom, side, right }: { readonly bottom: number; readonly side: number; readonly right: number },
  direction: Direction,
): Record<string, string> {
  const [top, left] = direction === "right" ? [44, side] : [18, title];
  return {
    "elk.padding": `[top=${top},left=${left},bottom=${bottom},right=${right}]`,
    "elk.nodeSize.constraints": "MINIMUM_SIZE",
    "elk.nodeSize.minimum": `(${title}, ${direction === "right" ? 90 : 60})`,
  };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A node, with room for the lines that end at each of its sides. */
function node(id: string, { width, height }: Size, lines: number, direction: Direction): ElkNode & Size {
  const room = lines * endRoom;
  return direction === "right"
    ? { id, width, height: Math.max(height, room) }
    : { id, width: Math.max(width, room), height };
}

function meshNode(mesh: DrawnMesh, edges: readonly PlannedEdge[], direction: Direction): ElkNode {
  const lines = meshLines(mesh);
  const width = Math.max(...lines.map((text) => textWidth(text, labelSize))) + 28;
  return node(mesh.id, { width, height: lines.length * lineHeight + 18 }, crowd(mesh, edges), direction);
}

function clusterNode(cluster: DrawnCluster, edges: readonly PlannedEdge[], direction: Direction): ElkNode {
  const title =
    textWidth(cluster.label, nameSize) + (cluster.closed ? textWidth("nobody dials in", labelSize) : 0) + 48;
  const [right, bottom] = cluster.count > 1 ? [22 + stackDepth, 22 + stackDepth] : [22, 22];
  return {
    id: cluster.id,
    layoutOptions: {
      ...spacing,
      ...framed(title, { bottom, side: 22, right }, direction),
    },
    children: [
      // A node and not a port of the box: lines that end at a port of ELK run over each other.
      ...cluster.ports.map(({ id, label }) => {
        const size = { width: textWidth(label, labelSize) + 14, height: portHeight };
        return node(portId(id), size, crowd({ id: portId(id) }, edges), direction);
      }),
      ...cluster.peers.map((peer) => {
        const width = Math.max(96, textWidth(peer.label, nameSize) + 32, textWidth(peer.detail, labelSize) + 32);
        const front = node(peer.id, { width, height: peerHeight }, crowd(peer, edges), direction);
        return { ...front, width: front.width + depth(peer), height: front.height + depth(peer) };
      }),
    ],
  };
}

function depth({ names }: DrawnPeer): number {
  return names.length > 1 ? stackDepth : 0;
}

function edgesIn(node: ElkNode): ElkExtendedEdge[] {
  return [...(node.edges ?? []), ...(node.children ?? []).flatMap(edgesIn)];
}

function routedLine(edge: ElkExtendedEdge | undefined, { reversed, line: { lines, ...line } }: PlannedEdge): Line[] {
  const [section] = edge?.sections ?? [];
  if (!section) return [];
  const routed: ElkPoint[] = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
  const points = reversed ? routed.reverse() : routed;
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
