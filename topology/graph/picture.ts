import { bundled } from "./bundle.ts";
import { collapsed } from "./collapse.ts";
import { toDot } from "./dot.ts";
import { grouped } from "./group.ts";
import { toMermaid } from "./mermaid.ts";
import type { Drawing } from "./model.ts";
import { narrowed, onlyChanged } from "./narrow.ts";
import { toSvg } from "./svg.ts";

export const graphFormats = ["mermaid", "svg", "dot"] as const;
export type GraphFormat = (typeof graphFormats)[number];

export interface GraphOptions {
  /** Draws only these apps. @default all */
  readonly apps?: readonly string[] | undefined;
  /** Draws only what concerns these peers. @default all */
  readonly peers?: readonly string[] | undefined;
  /** True if equal peers are drawn as one, and each mesh as one bundle. @default true */
  readonly group?: boolean | undefined;
  /** True if each region is drawn by the roles of its peers. @default true for a large drawing with regions */
  readonly collapse?: boolean | undefined;
}

/** More than this, and regions are drawn collapsed. */
const mostOpen = { peers: 20, arrows: 30 };

/** Narrows, groups and collapses a drawing, as it is then drawn in any format. */
export function composed(drawing: Drawing, options: GraphOptions): Drawing {
  const { apps = [], peers = [], group = true } = options;
  const shown = narrowed(drawing, { apps, peers });
  return arranged(group ? bundled(shown) : shown, options);
}

function arranged(drawing: Drawing, { group = true, collapse }: GraphOptions): Drawing {
  const open = group ? grouped(drawing) : drawing;
  const large = peersIn(open) > mostOpen.peers || open.arrows.length > mostOpen.arrows;
  const byItself = group && large && drawing.clusters.some(({ region }) => region !== undefined);
  return (collapse ?? byItself) ? collapsed(bundled(drawing)) : open;
}

/** More than this, and a comparison is drawn without what stays as it is. */
const mostPeers = 12;
const mostArrows = 16;

/** A comparison: all of a small topology, and of a large one what changes. */
export function composedChanges(drawing: Drawing, options: GraphOptions): Drawing {
  const { apps = [], peers = [], group = true } = options;
  const shown = narrowed(drawing, { apps, peers });
  const whole = group ? bundled(shown) : shown;
  const all = arranged(whole, options);
  return peersIn(all) <= mostPeers && all.arrows.length <= mostArrows ? all : arranged(onlyChanged(whole), options);
}

function peersIn({ clusters }: Drawing): number {
  return clusters.reduce((sum, { peers }) => sum + peers.length, 0);
}

/** More arrows than this, and nobody could read an SVG, for which the layout would take minutes; Mermaid refuses by default. */
const mostDrawn: Readonly<Record<GraphFormat, number>> = { svg: 300, mermaid: 500, dot: Number.POSITIVE_INFINITY };

/** Says why a drawing cannot be drawn in a format, and what to do; undefined if it can. */
export function tooLarge({ arrows }: Drawing, format: GraphFormat): string | undefined {
  const most = mostDrawn[format];
  if (arrows.length <= most) return undefined;
  return `${arrows.length} arrows are too many: ${format} can show at most ${most}; narrow the picture with --app or --peer, draw regions with --collapse, or draw it as dot`;
}

export async function pictureOf(drawing: Drawing, format: GraphFormat, title: string): Promise<string> {
  if (format === "svg") return toSvg(drawing, { title });
  return format === "dot" ? toDot(drawing) : toMermaid(drawing);
}
