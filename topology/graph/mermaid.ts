import { appColour, markColours } from "./colours.ts";
import { arrowLines, markSign } from "./labels.ts";
import type { Arrow, Drawing, DrawnCluster } from "./model.ts";

/** A drawing as Mermaid, which GitHub and GitLab draw inside Markdown. Each label says who dials. */
export function toMermaid(drawing: Drawing): string {
  const ids = new Map<string, string>();
  for (const [index, { id, peers }] of drawing.clusters.entries()) {
    ids.set(id, `c${index}`);
    for (const [peer, { id: peerId }] of peers.entries()) ids.set(peerId, `c${index}p${peer}`);
  }
  const marked = drawing.clusters.some(({ mark, peers }) => mark || peers.some((peer) => peer.mark));
  const comparing = marked || drawing.arrows.some(({ mark }) => mark);
  const arrows = drawing.arrows.filter(({ from, to }) => ids.has(from) && ids.has(to));
  const styles = arrows.map((arrow, index) => `  linkStyle ${index} ${arrowStyle(drawing, arrow, comparing)}`);
  const classes = Object.entries(markColours).map(
    ([mark, { light }]) => `  classDef ${mark} stroke:${light},stroke-width:3px`,
  );
  return [
    "flowchart LR",
    ...drawing.clusters.flatMap((cluster) => clusterLines(cluster, ids)),
    ...arrows.map((arrow) => arrowLine(drawing, arrow, ids)),
    ...styles,
    ...(comparing ? classes : []),
    "",
  ].join("\n");
}

function clusterLines(cluster: DrawnCluster, ids: ReadonlyMap<string, string>): string[] {
  const id = ids.get(cluster.id) ?? "";
  const ports = cluster.ports.map(({ label, mark }) => `${markSign(mark)}${label}`).join(", ");
  const title = [
    `${markSign(cluster.mark)}${cluster.label}`,
    cluster.closed ? "nobody dials in" : "",
    ports && `exposes ${ports}`,
  ];
  const peers = cluster.peers.map((peer) => {
    const text = quoted([`${markSign(peer.mark)}${peer.label}`, peer.detail]);
    const shape = peer.names.length > 1 ? `[[${text}]]` : `[${text}]`;
    return `    ${ids.get(peer.id)}${shape}${peer.mark ? `\n    class ${ids.get(peer.id)} ${peer.mark}` : ""}`;
  });
  return [`  subgraph ${id}[${quoted([title.filter((part) => part !== "").join(", ")])}]`, ...peers, "  end"];
}

function arrowLine({ arrows: _, ...drawing }: Drawing, arrow: Arrow, ids: ReadonlyMap<string, string>): string {
  const { from, to, both, dialler, queries, port, paused } = arrow;
  const label = drawing.clusters.flatMap(({ ports }) => ports).find(({ id }) => id === port)?.label;
  const name = (id: string) => id.slice(id.indexOf("/") + 1);
  const dialling = dialler === "from" ? from : to;
  const group = drawing.clusters.flatMap(({ peers }) => peers).find(({ id }) => id === dialling);
  const who = group && group.names.length > 1 ? "each" : name(dialling);
  const text = quoted([...arrowLines(arrow), `(${who} dials${label?.startsWith(":") ? ` ${label}` : ""})`]);
  const [one, two] = paused ? ["-.->", "<-.->"] : ["-->", "<-->"];
  const line = queries.length === 0 ? "-.-" : both ? two : one;
  return `  ${ids.get(from)} ${line}|${text}| ${ids.get(to)}`;
}

function arrowStyle({ apps }: Drawing, { app, mark }: Arrow, comparing: boolean): string {
  if (comparing && mark === undefined) return "stroke:#8c959f";
  const colour = mark ? markColours[mark].light : appColour(apps, app).light;
  return `stroke:${colour},stroke-width:2px${mark === "removed" ? ",stroke-dasharray:6 4" : ""}`;
}

/** Mermaid reads HTML and its own `#name;` entities in a label; both are other people's text here. */
function quoted(lines: readonly string[]): string {
  const safe = (line: string) =>
    line.replace(/[^\p{L}\p{N} .,:()/_+~=\u2212\u2026-]/gu, (character) => `#${character.codePointAt(0)};`);
  return `"${lines.map(safe).join("<br>")}"`;
}
