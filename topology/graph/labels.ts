import type { Arrow, DrawnMesh, Mark } from "./model.ts";

/** A line of a label is broken after this many characters, so that a picture gets higher and not wider. */
const maxLine = 34;
const maxRows = 3;
const maxQueries = 4;

/** A line that goes on with the one before it begins with this. */
export const continued = "  ";

/** At a link that a change breaks. */
export const breaksOnce = "! breaks once";

/**
 * The lines at an arrow: its replication, then what flows, shortened; `-` and `+` lead what a comparison takes or adds. An arrow to a
 * mesh has none unless it differs from the others, since the mesh has them.
 */
export function arrowLines(arrow: Arrow): string[] {
  const { replication, queries, mark, from, to, dialler, dialledBefore, links, breaks, bundle, paused } = arrow;
  const broken = breaks ? [breaksOnce] : [];
  if (bundle) return [...(mark === "added" ? ["+ joins"] : mark === "removed" ? ["\u2212 leaves"] : []), ...broken];
  return [
    `${markSign(mark)}${replication}${paused ? " (paused)" : ""}`,
    ...queryLines(queries),
    ...(links > 1 ? [`${links} links`] : []),
    ...(dialledBefore === undefined
      ? []
      : [`- ${peerName(dialledBefore)} dials`, `+ ${peerName(dialler === "from" ? from : to)} dials`]),
    ...broken,
  ];
}

/** The lines in the node of a mesh. */
export function meshLines({ replication, queries, peers, links, mark }: DrawnMesh): string[] {
  return [`${markSign(mark)}${replication}`, ...queryLines(queries), `mesh of ${peers} peers, ${links} links`];
}

function queryLines(queries: readonly string[]): string[] {
  const shown = queries.length > maxQueries ? queries.slice(0, maxQueries - 1) : queries;
  const rest = queries.length - shown.length;
  return [...(queries.length === 0 ? ["no data"] : shown.flatMap(broken)), ...(rest > 0 ? [`and ${rest} more`] : [])];
}

/** Told in words as well as in colours: not everybody sees colours, and not every printer prints them. */
export function markSign(mark: Mark | undefined): string {
  return mark === undefined ? "" : { added: "+ ", removed: "\u2212 ", changed: "~ " }[mark];
}

/** The whole text, for whoever points at an arrow. */
export function arrowTitle({
  from,
  to,
  both,
  dialler,
  app,
  replication,
  queries,
  links,
  bundle,
  breaks,
  paused,
}: Arrow): string {
  const way = bundle ? `${peerName(from)} in a mesh` : `${peerName(from)} ${both ? "<->" : "->"} ${peerName(to)}`;
  const dialling = `${peerName(dialler === "from" ? from : to)} dials`;
  const dials = paused ? ["paused", ...(bundle ? [] : [`${dialling} when it is resumed`])] : bundle ? [] : [dialling];
  const several = links > 1 ? [`${links} links`] : [];
  const breaking = breaks ? ["breaks once"] : [];
  return [`${replication} (${app}): ${[way, ...dials, ...several, ...breaking].join(", ")}`, ...queries].join("\n");
}

/** The title of the box around the clusters of a region. */
export function regionTitle(
  region: string,
  clusters: readonly { readonly region: string | undefined; readonly count: number }[],
): string {
  const count = clusters.reduce((sum, each) => sum + (each.region === region ? each.count : 0), 0);
  return `${region} (${count} ${count === 1 ? "cluster" : "clusters"})`;
}

export function peerName(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}

/** Broken at blanks into a few rows, and cut after them. */
function broken(text: string): string[] {
  const rows: string[] = [];
  for (const word of text.replace(/\s+/g, " ").trim().split(" ")) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= maxLine) rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(rows.length === 0 ? cut(word) : `${continued}${cut(word)}`);
  }
  return rows.length <= maxRows ? rows : [...rows.slice(0, maxRows - 1), cut(`${rows[maxRows - 1]} \u2026`)];
}

function cut(text: string): string {
  return text.length <= maxLine ? text : `${text.slice(0, maxLine - 1)}\u2026`;
}
