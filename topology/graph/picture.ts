import { toDot } from "./dot.ts";
import { grouped } from "./group.ts";
import { toMermaid } from "./mermaid.ts";
import type { Drawing } from "./model.ts";
import { narrowed, onlyChanged } from "./narrow.ts";
import { toSvg } from "./svg.ts";

export const graphFormats = ["mermaid", "svg", "dot"] as const;
export type GraphFormat = (typeof graphFormats)[number];

export interface GraphOptions {
  /** Only these apps. @default all */
  readonly apps?: readonly string[] | undefined;
  /** Only what these peers have to do with. @default all */
  readonly peers?: readonly string[] | undefined;
  /** True if equal peers are drawn as one. @default true */
  readonly group?: boolean | undefined;
}

/** Narrows and groups a drawing, as it is then drawn in any format. */
export function composed(drawing: Drawing, { apps = [], peers = [], group = true }: GraphOptions): Drawing {
  const shown = narrowed(drawing, { apps, peers });
  return group ? grouped(shown) : shown;
}

/** More than this, and a comparison is drawn without what stays as it is. */
const mostPeers = 12;
const mostArrows = 16;

/** A comparison: all of a small topology, and of a large one what changes. */
export function composedChanges(drawing: Drawing, options: GraphOptions): Drawing {
  const whole = composed(drawing, options);
  const peers = whole.clusters.reduce((sum, cluster) => sum + cluster.peers.length, 0);
  return peers <= mostPeers && whole.arrows.length <= mostArrows ? whole : composed(onlyChanged(drawing), options);
}

/** More arrows than this, and nobody could read an SVG, for which the layout would take minutes; Mermaid refuses by default. */
const mostDrawn: Readonly<Record<GraphFormat, number>> = { svg: 300, mermaid: 500, dot: Number.POSITIVE_INFINITY };

/** Says why a drawing is too large for a format, and what to do; undefined if it is not. */
export function tooLarge({ arrows }: Drawing, format: GraphFormat): string | undefined {
  const most = mostDrawn[format];
  if (arrows.length <= most) return undefined;
  return `${arrows.length} arrows are too many: ${format} can show at most ${most}; narrow the picture with --app or --peer, or draw it as dot`;
}

export async function pictureOf(drawing: Drawing, format: GraphFormat, title: string): Promise<string> {
  if (format === "svg") return toSvg(drawing, { title });
  return format === "dot" ? toDot(drawing) : toMermaid(drawing);
}
