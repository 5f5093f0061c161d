import { appColour, markColours } from "./colours.ts";
import { arrowLines, markSign } from "./labels.ts";
import type { Arrow, Drawing, DrawnCluster } from "./model.ts";

/** A drawing for Graphviz. The end that dials has a dot. */
export function toDot(drawing: Drawing): string {
  const comparing =
    drawing.arrows.some(({ mark }) => mark) ||
    drawing.clusters.some(({ mark, peers }) => mark || peers.some((peer) => peer.mark));
  const ports = new Map(
    drawing.clusters.flatMap((cluster) => cluster.ports.map(({ id, label }) => [id, label] as const)),
  );
  return [
    "digraph topology {",
    "  rankdir=LR; compound=true; nodesep=0.5; ranksep=1.2;",
    '  node [shape=box, style=rounded, fontname="Helvetica"]; edge [fontname="Helvetica", fontsize=10];',
    ...drawing.clusters.flatMap(clusterLines),
    ...drawing.arrows.map((arrow) => arrowLine(drawing.apps, arrow, ports, comparing)),
    "}",
    "",
  ].join("\n");
}

function clusterLines(cluster: DrawnCluster): string[] {
  const title = `${markSign(cluster.mark)}${cluster.label}${cluster.closed ? " (nobody dials in)" : ""}`;
  const frame = cluster.mark ? `color=${quoted([markColours[cluster.mark].light])}; ` : "";
  return [
    `  subgraph ${quoted([`cluster_${cluster.id}`])} {`,
    `    label=${quoted([title])}; ${frame}fontname="Helvetica";`,
    ...cluster.peers.map(({ id, label, names, detail, mark }) => {
      const attributes = [
        `label=${quoted([`${markSign(mark)}${label}`, detail])}`,
        ...(names.length > 1 ? ["peripheries=2"] : []),
        ...(mark ? [`color=${quoted([markColours[mark].light])}`, "penwidth=2"] : []),
      ];
      return `    ${quoted([id])} [${attributes.join(", ")}];`;
    }),
    "  }",
  ];
}

function arrowLine(
  apps: readonly string[],
  arrow: Arrow,
  ports: ReadonlyMap<string, string>,
  comparing: boolean,
): string {
  const { from, to, both, dialler, queries, app, mark, port, paused } = arrow;
  const exposed = port === undefined ? undefined : ports.get(port);
  const colour = mark ? markColours[mark].light : comparing ? "#8c959f" : appColour(apps, app).light;
  const end = (data: boolean, dials: boolean) => `${dials ? "dot" : ""}${data ? "normal" : ""}` || "none";
  const attributes = [
    `label=${quoted(arrowLines(arrow))}`,
    "dir=both",
    `arrowtail=${end(both, dialler === "from")}`,
    `arrowhead=${end(queries.length > 0, dialler === "to")}`,
    `color=${quoted([colour])}`,
    ...(mark === "removed" || queries.length === 0 || paused ? ["style=dashed"] : []),
    ...(exposed === undefined ? [] : [`${dialler === "from" ? "headlabel" : "taillabel"}=${quoted([exposed])}`]),
  ];
  return `  ${quoted([from])} -> ${quoted([to])} [${attributes.join(", ")}];`;
}

function quoted(lines: readonly string[]): string {
  return `"${lines.map((line) => line.replace(/[\\"]/g, "\\$&")).join("\\n")}"`;
}
