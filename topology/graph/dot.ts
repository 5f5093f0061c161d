import { appColour, breakColour, markColours } from "./colours.ts";
import { arrowLines, markSign, meshLines, regionTitle } from "./labels.ts";
import type { Arrow, Drawing, DrawnCluster, DrawnMesh } from "./model.ts";

/** A drawing for Graphviz. The end that dials has a dot. */
export function toDot(drawing: Drawing): string {
  const comparing =
    drawing.arrows.some(({ mark, breaks }) => mark || breaks) ||
    drawing.clusters.some(({ mark, peers }) => mark || peers.some((peer) => peer.mark));
  const ports = new Map(
    drawing.clusters.flatMap((cluster) => cluster.ports.map(({ id, label }) => [id, label] as const)),
  );
  return [
    "digraph topology {",
    "  rankdir=LR; compound=true; nodesep=0.5; ranksep=1.2;",
    '  node [shape=box, style=rounded, fontname="Helvetica"]; edge [fontname="Helvetica", fontsize=10];',
    ...boxLines(drawing),
    ...drawing.meshes.map(meshLine),
    ...drawing.arrows.map((arrow) => arrowLine(drawing.apps, arrow, ports, comparing)),
    "}",
    "",
  ].join("\n");
}

/** Regions with their clusters in them, and what is in no region. */
function boxLines({ clusters }: Drawing): string[] {
  return [...Map.groupBy(clusters, ({ region }) => region)].flatMap(([region, members]) => {
    const lines = members.flatMap(clusterLines);
    if (region === undefined) return lines;
    const head = [
      `  subgraph ${quoted([`cluster_region ${region}`])} {`,
      `    label=${quoted([regionTitle(region, clusters)])}; style=dotted; fontname="Helvetica";`,
    ];
    return [...head, ...lines.map((line) => `  ${line}`), "  }"];
  });
}

function meshLine(mesh: DrawnMesh): string {
  const colour = mesh.mark ? `, color=${quoted([markColours[mesh.mark].light])}` : "";
  return `  ${quoted([mesh.id])} [shape=ellipse, label=${quoted(meshLines(mesh))}${colour}];`;
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
  const { from, to, both, dialler, queries, app, mark, port, bundle, breaks, paused } = arrow;
  const exposed = port === undefined ? undefined : ports.get(port);
  const plain = comparing ? "#8c959f" : appColour(apps, app).light;
  const colour = mark ? markColours[mark].light : breaks ? breakColour.light : plain;
  const end = (data: boolean, dials: boolean) => `${dials ? "dot" : ""}${data ? "normal" : ""}` || "none";
  const attributes = [
    `label=${quoted(arrowLines(arrow))}`,
    "dir=both",
    `arrowtail=${end(both, dialler === "from")}`,
    `arrowhead=${end(queries.length > 0, dialler === "to" && !bundle)}`,
    `color=${quoted([colour])}`,
    ...(breaks ? ["style=dotted"] : mark === "removed" || queries.length === 0 || paused ? ["style=dashed"] : []),
    ...(exposed === undefined ? [] : [`${dialler === "from" ? "headlabel" : "taillabel"}=${quoted([exposed])}`]),
  ];
  return `  ${quoted([from])} -> ${quoted([to])} [${attributes.join(", ")}];`;
}

function quoted(lines: readonly string[]): string {
  return `"${lines.map((line) => line.trim().replace(/[\\"]/g, "\\$&")).join("\\n")}"`;
}
