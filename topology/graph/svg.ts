import { arrowTitle, markSign, meshLines } from "./labels.ts";
import { type Box, type Layout, type Line, layOut, stackDepth } from "./layout.ts";
import { legendOf } from "./legend.ts";
import type { Arrow, Drawing, Mark } from "./model.ts";
import { mostWide } from "./page-width.ts";
import { arrowhead, lineLabel, lineSign, pathOf, rectangle, round, tag, text } from "./shapes.ts";
import { styleOf } from "./style.ts";
import { lineHeight } from "./text-width.ts";

/** A legend is not folded into less than this. */
const leastLegend = 640;

export interface Picture {
  /** Said by screen readers. */
  readonly title: string;
}

/** A drawing as SVG, self-contained: no script, no font, nothing from the network; follows the reader's light or dark mode. */
export async function toSvg(drawing: Drawing, { title }: Picture): Promise<string> {
  const layout = await narrowest(drawing);
  const comparing = isCompared(drawing);
  const legend = legendOf(drawing, comparing, Math.max(layout.width - 40, leastLegend));
  const width = Math.ceil(Math.max(layout.width, legend.width + 40));
  const height = Math.ceil(layout.height + legend.height);
  const classOf = (arrow: Pick<Arrow, "mark" | "app"> | undefined) =>
    comparing ? (arrow?.mark ?? "same") : `app${Math.max(0, drawing.apps.indexOf(arrow?.app ?? ""))}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${text(title)}</title>`,
    `<style>${styleOf(drawing.apps)}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...regionShapes(layout),
    ...clusterShapes(layout),
    ...layout.lines.map((line) => lineShape(line, classOfShared(line.arrows, classOf))),
    ...portShapes(layout),
    ...peerShapes(layout),
    ...meshShapes(layout, classOf),
    ...layout.lines.flatMap((line) => dotShape(line, classOfShared(line.arrows, classOf))),
    ...layout.lines.flatMap((line) => lineLabel(line, classOf(line.arrows[0]))),
    `<g transform="translate(20 ${layout.height})">${legend.shapes.join("")}</g>`,
    "</svg>",
    "",
  ].join("\n");
}

/** More arrows than this, and a second layout would take longer than anybody waits. */
const mostTried = 100;

/** From left to right, or from top to bottom if that would be too wide for a page. */
async function narrowest(drawing: Drawing): Promise<Layout> {
  const across = await layOut(drawing);
  if (across.width <= mostWide || drawing.arrows.length > mostTried) return across;
  const down = await layOut(drawing, "down");
  return down.width < across.width ? down : across;
}

function isCompared({ clusters, arrows }: Drawing): boolean {
  const marks = clusters.flatMap(({ mark, peers, ports }) => [mark, ...[...peers, ...ports].map((each) => each.mark)]);
  const marked = [...marks, ...arrows.map(({ mark }) => mark)].some((mark) => mark !== undefined);
  return marked || arrows.some(({ breaks }) => breaks);
}

/** A shared way is marked if all that runs along it is. */
function classOfShared(arrows: readonly Arrow[], classOf: (arrow: Arrow | undefined) => string): string {
  const classes = new Set(arrows.map(classOf));
  const [only = "same"] = classes;
  return classes.size === 1 ? only : "same";
}

function regionShapes({ regions }: Layout): string[] {
  return regions.map(({ title, ...box }) => {
    return rectangle(box, "region", undefined, 12) + tag(box.x + 16, box.y + 26, "name", title);
  });
}

function meshShapes({ meshes }: Layout, classOf: (mesh: Pick<Arrow, "mark" | "app">) => string): string[] {
  return meshes.map(({ mesh, ...box }) => {
    const lines = meshLines(mesh);
    const top = box.y + (box.height - lines.length * lineHeight) / 2 + 11;
    const texts = lines.map((line, index) =>
      tag(
        box.x + box.width / 2,
        top + index * lineHeight,
        index === 0 ? "label first" : "label",
        line.trim(),
        "middle",
      ),
    );
    return `<g class="${classOf(mesh)}">${rectangle(box, "mesh", undefined, 18)}${texts.join("")}</g>`;
  });
}

function clusterShapes({ clusters }: Layout): string[] {
  return clusters.map(({ cluster, ...box }) => {
    const { mark, label, count, closed } = cluster;
    const name = `${markSign(mark)}${label}`;
    const note = closed ? `<tspan class="note" dx="9">nobody dials in</tspan>` : "";
    const title = `<text class="name" x="${round(box.x + 16)}" y="${round(box.y + 26)}">${text(name)}${note}</text>`;
    return stacked(box, count, "cluster", mark, 10) + title;
  });
}

function peerShapes({ peers }: Layout): string[] {
  return peers.map(({ peer, ...box }) => {
    const { names, label, detail, mark } = peer;
    const sheet = face(box, names.length);
    const [middle, centre] = [box.x + sheet.width / 2, box.y + sheet.height / 2];
    return (
      `<g><title>${text(names.join(", "))}</title>${stacked(box, names.length, "peer", mark, 7)}` +
      tag(middle, centre - 3, "name", `${markSign(mark)}${label}`, "middle") +
      `${tag(middle, centre + 14, "detail", detail, "middle")}</g>`
    );
  });
}

function portShapes({ ports }: Layout): string[] {
  return ports.map(({ port, ...box }) => {
    const label = tag(box.x + box.width / 2, box.y + box.height / 2 + 4, "detail", port.label, "middle");
    return rectangle(box, "port", port.mark, 10) + label;
  });
}

/** Sheets behind the first where a shape stands for several; the layout has left room for them. */
function stacked(box: Box, count: number, kind: string, mark: Mark | undefined, radius: number): string {
  if (count < 2) return rectangle(box, kind, mark, radius);
  const behind = [stackDepth, stackDepth / 2].map((shift) => {
    const sheet = { ...face(box, count), x: box.x + shift, y: box.y + shift };
    return rectangle(sheet, `${kind} behind`, mark, radius);
  });
  return [...behind, rectangle(face(box, count), kind, mark, radius)].join("");
}

/** The sheet in front. */
function face(box: Box, count: number): Box {
  return count < 2 ? box : { ...box, width: box.width - stackDepth, height: box.height - stackDepth };
}

function lineShape({ points, arrows, dialler, headAtStart, headAtEnd }: Line, colour: string): string {
  const [first, second] = points;
  const [last, beforeLast] = [points.at(-1), points.at(-2)];
  if (!first || !second || !last || !beforeLast) return "";
  const empty = arrows.every(({ queries, paused }) => paused || queries.length === 0) ? " empty" : "";
  const breaks = arrows.some((arrow) => arrow.breaks) ? lineSign(points) : "";
  return [
    `<g class="${colour}"><title>${text(arrows.map(arrowTitle).join("\n\n"))}</title>`,
    `<path class="line ${colour}${empty}" d="${pathOf(points)}"/>`,
    breaks,
    headAtEnd ? arrowhead(beforeLast, last, 0) : "",
    headAtStart ? arrowhead(second, first, dialler ? 9 : 0) : "",
    "</g>",
  ].join("");
}

/** Half on the border of the peer that dials, over it. */
function dotShape({ points: [first], dialler }: Line, colour: string): string[] {
  if (!first || !dialler) return [];
  return [`<circle class="dot ${colour}" cx="${round(first.x)}" cy="${round(first.y)}" r="5"/>`];
}
