import type { PageData, PagePeer, State } from "../page-data.ts";
import { stateSigns } from "./choice.ts";

/** The size of a peer, in the picture's own units. */
export const nodeSize = { width: 160, height: 44 };

/** The least size of a name in pixels: a smaller one could not be read, and is not drawn. */
export const leastFont = 5;

export const zooms = { least: 0.03, most: 4 };

/** Room for the borders and titles of boxes, in the picture's own units, and between the picture and its frame, in pixels. */
const margin = { boxes: 90, frame: 30 };

/** How a picture is seen: a place of it stands at `zoom * place + pan` in its frame, in pixels. */
export interface View {
  readonly zoom: number;
  readonly pan: { readonly x: number; readonly y: number };
}

/** The whole picture in its frame, by the places of its peers; undefined: there is none, or no room. */
export function wholeView({ peers, emptyClusters }: PageData, frame: HTMLElement): View | undefined {
  const places = [...peers, ...emptyClusters];
  const { clientWidth: width, clientHeight: height } = frame;
  if (places.length === 0 || width === 0 || height === 0) return undefined;
  const across = spreadOf(
    places.map(({ x }) => x),
    nodeSize.width,
  );
  const down = spreadOf(
    places.map(({ y }) => y),
    nodeSize.height,
  );
  const fitting = Math.min((width - 2 * margin.frame) / across.length, (height - 2 * margin.frame) / down.length);
  const zoom = Math.min(zooms.most, Math.max(zooms.least, fitting));
  return { zoom, pan: { x: width / 2 - zoom * across.middle, y: height / 2 - zoom * down.middle } };
}

function spreadOf(values: readonly number[], size: number): { readonly middle: number; readonly length: number } {
  const [first, last] = [Math.min(...values), Math.max(...values)];
  return { middle: (first + last) / 2, length: last - first + size + 2 * margin.boxes };
}

/** The colours of the page in the reader's mode. */
export function pageColours(): {
  readonly of: (name: string) => string;
  readonly dark: boolean;
  readonly font: string;
} {
  const style = getComputedStyle(document.documentElement);
  return {
    of: (name) => style.getPropertyValue(`--${name}`).trim(),
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    font: style.getPropertyValue("font-family"),
  };
}

/** The lines in a peer's node: its name with the sign of its state, and its cluster where that says more. */
export function peerLabel({ id, cluster, parent }: PagePeer, state: State | undefined): string {
  const name = short(state ? `${stateSigns[state]} ${id}` : id);
  const alone = cluster === id || cluster === "" || parent?.startsWith("cluster ");
  return alone ? name : `${name}\n${short(cluster)}`;
}

/** The lines in the node of a cluster without a peer. */
export function emptyLabel(cluster: string): string {
  return `${short(cluster)}\nno peer`;
}

/** What a node has room for; the lists and the details have the whole name. */
function short(name: string): string {
  return name.length <= 21 ? name : `${name.slice(0, 20)}\u2026`;
}

/** The size of a region's title, in the picture's own units. */
export function regionFont({ peers }: PageData): number {
  return peers.length > 60 ? 60 : 22;
}
