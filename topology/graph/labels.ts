import type { Arrow, Mark } from "./model.ts";

const maxLine = 48;
const maxQueries = 4;

/** The lines at an arrow: its replication, then what flows, shortened; `-` and `+` lead what a comparison takes or adds. */
export function arrowLines({ replication, queries, mark, from, to, dialler, dialledBefore, paused }: Arrow): string[] {
  const shown = queries.length > maxQueries ? queries.slice(0, maxQueries - 1) : queries;
  const rest = queries.length - shown.length;
  return [
    `${markSign(mark)}${replication}${paused ? " (paused)" : ""}`,
    ...(queries.length === 0 ? ["no data"] : shown.map(shortened)),
    ...(rest > 0 ? [`and ${rest} more`] : []),
    ...(dialledBefore === undefined
      ? []
      : [`- ${peerName(dialledBefore)} dials`, `+ ${peerName(dialler === "from" ? from : to)} dials`]),
  ];
}

/** Told in words as well as in colours: not everybody sees colours, and not every printer prints them. */
export function markSign(mark: Mark | undefined): string {
  return mark === undefined ? "" : { added: "+ ", removed: "\u2212 ", changed: "~ " }[mark];
}

/** The whole text, for whoever points at an arrow. */
export function arrowTitle({ from, to, both, dialler, app, replication, queries, paused }: Arrow): string {
  const way = `${peerName(from)} ${both ? "<->" : "->"} ${peerName(to)}`;
  const dials = `${peerName(dialler === "from" ? from : to)} dials`;
  return [
    `${replication} (${app}): ${way}, ${paused ? `paused, ${dials} when it is resumed` : dials}`,
    ...queries,
  ].join("\n");
}

function peerName(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length <= maxLine ? line : `${line.slice(0, maxLine - 1)}\u2026`;
}
