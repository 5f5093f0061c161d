import { appColour, breakColour, markColours } from "./colours.ts";
import { arrowLines, markSign, meshLines, peerName, regionTitle } from "./labels.ts";
import type { Arrow, Drawing, DrawnCluster } from "./model.ts";
import { clusterTitle, orientationOf, portLines } from "./orientation.ts";

/** Mermaid lays boxes in boxes out much further apart: more clusters than this could not be read in a comment. */
const mostInRegions = 8;

/** A drawing as Mermaid, which GitHub and GitLab draw inside Markdown. Each label says who dials. */
export function toMermaid(asked: Drawing): string {
  const { drawing: whole, direction, wide } = orientationOf(asked);
  const drawing = wide && whole.clusters.length > mostInRegions ? withoutRegions(whole) : whole;
  const ids = idsOf(drawing);
  const marked = drawing.clusters.some(({ mark, peers }) => mark || peers.some((peer) => peer.mark));
  const comparing = marked || drawing.arrows.some(({ mark, breaks }) => mark || breaks);
  const arrows = drawing.arrows.filter(({ from, to }) => ids.has(from) && ids.has(to));
  const styles = arrows.map((arrow, index) => `  linkStyle ${index} ${arrowStyle(drawing, arrow, comparing)}`);
  const classes = Object.entries(markColours).map(
    ([mark, { both }]) => `  classDef ${mark} stroke:${both},stroke-width:3px`,
  );
  return [
    `flowchart ${direction}`,
    ...boxLines(drawing, ids),
    ...arrows.map((arrow) => arrowLine(drawing, arrow, ids)),
    ...styles,
    ...(comparing ? classes : []),
    "",
  ].join("\n");
}

/** Each cluster says its region itself. */
function withoutRegions({ clusters, meshes, ...drawing }: Drawing): Drawing {
  return {
    ...drawing,
    clusters: clusters.map(({ region, label, ...cluster }) => ({
      ...cluster,
      region: undefined,
      label: region === undefined ? label : `${label}, ${region}`,
    })),
    meshes: meshes.map((mesh) => ({ ...mesh, region: undefined })),
  };
}

function idsOf({ clusters, meshes }: Drawing): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  for (const [index, { id, peers }] of clusters.entries()) {
    ids.set(id, `c${index}`);
    for (const [peer, { id: peerId }] of peers.entries()) ids.set(peerId, `c${index}p${peer}`);
  }
  for (const [index, { id }] of meshes.entries()) ids.set(id, `m${index}`);
  return ids;
}

/** Regions with their clusters and meshes in them, and what is in no region. */
function boxLines({ clusters, meshes }: Drawing, ids: ReadonlyMap<string, string>): string[] {
  const boxes = [
    ...clusters.map((cluster) => ({ region: cluster.region, lines: clusterLines(cluster, ids) })),
    ...meshes.map((mesh) => ({
      region: mesh.region,
      lines: [`  ${ids.get(mesh.id)}([${quoted(meshLines(mesh))}])${mesh.mark ? `:::${mesh.mark}` : ""}`],
    })),
  ];
  return [...Map.groupBy(boxes, ({ region }) => region)].flatMap(([region, members], index) => {
    const lines = members.flatMap((member) => member.lines);
    if (region === undefined) return lines;
    const title = quoted([regionTitle(region, clusters)]);
    return [`  subgraph r${index}[${title}]`, ...lines.map((line) => `  ${line}`), "  end"];
  });
}

function clusterLines(cluster: DrawnCluster, ids: ReadonlyMap<string, string>): string[] {
  const id = ids.get(cluster.id) ?? "";
  const peers = cluster.peers.map((peer) => {
    const text = quoted([`${markSign(peer.mark)}${peer.label}`, peer.detail, ...portLines(cluster)]);
    const shape = peer.names.length > 1 ? `[[${text}]]` : `[${text}]`;
    return `    ${ids.get(peer.id)}${shape}${peer.mark ? `\n    class ${ids.get(peer.id)} ${peer.mark}` : ""}`;
  });
  return [`  subgraph ${id}[${quoted([clusterTitle(cluster)])}]`, ...peers, "  end"];
}

function arrowLine(drawing: Drawing, arrow: Arrow, ids: ReadonlyMap<string, string>): string {
  const { from, to, both, queries, bundle, paused } = arrow;
  const lines = [...arrowLines(arrow), ...(bundle ? [] : [diallingOf(drawing, arrow)])];
  const [one, two] = paused ? ["-.->", "<-.->"] : ["-->", "<-->"];
  const line = queries.length === 0 ? "-.-" : both ? two : one;
  return `  ${ids.get(from)} ${line}${lines.length > 0 ? `|${quoted(lines)}|` : ""} ${ids.get(to)}`;
}

function diallingOf({ clusters }: Drawing, { from, to, dialler, port }: Arrow): string {
  const label = clusters.flatMap(({ ports }) => ports).find(({ id }) => id === port)?.label;
  const dialling = dialler === "from" ? from : to;
  const group = clusters.flatMap(({ peers }) => peers).find(({ id }) => id === dialling);
  const who = group && group.names.length > 1 ? "each" : peerName(dialling);
  return `(${who} dials${label?.startsWith(":") ? ` ${label}` : ""})`;
}

function arrowStyle({ apps }: Drawing, { app, mark, breaks }: Arrow, comparing: boolean): string {
  if (comparing && mark === undefined && !breaks) return "stroke:#8c959f";
  const colour = mark ? markColours[mark].both : breaks ? breakColour.both : appColour(apps, app).both;
  const dashes = breaks ? ",stroke-dasharray:2 4" : mark === "removed" ? ",stroke-dasharray:6 4" : "";
  return `stroke:${colour},stroke-width:2px${dashes}`;
}

/** Mermaid reads HTML and its own `#name;` entities in a label; both are other people's text here. */
function quoted(lines: readonly string[]): string {
  const safe = (line: string) =>
    line.trim().replace(/[^\p{L}\p{N} .,:()/_+~=\u2212\u2026-]/gu, (character) => `#${character.codePointAt(0)};`);
  return `"${lines.map(safe).join("<br>")}"`;
}
