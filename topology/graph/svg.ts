import { appColour, markColours } from "./colours.ts";
import { arrowTitle, markSign } from "./labels.ts";
import { type Box, type Layout, type Line, labelSize, layOut, lineHeight, nameSize, stackDepth } from "./layout.ts";
import type { Arrow, Drawing, Mark } from "./model.ts";
import { textWidth } from "./text-width.ts";

export interface Picture {
  /** Said by screen readers. */
  readonly title: string;
}

/** A drawing as SVG, self-contained: no script, no font, nothing from the network; follows the reader's light or dark mode. */
export async function toSvg(drawing: Drawing, { title }: Picture): Promise<string> {
  const layout = await layOut(drawing);
  const comparing = isCompared(drawing);
  const legend = legendOf(drawing, comparing);
  const width = Math.ceil(Math.max(layout.width, legend.width + 40));
  const height = Math.ceil(layout.height + legend.height);
  const classOf = (arrow: Arrow | undefined) =>
    comparing ? (arrow?.mark ?? "same") : `app${Math.max(0, drawing.apps.indexOf(arrow?.app ?? ""))}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${text(title)}</title>`,
    `<style>${styleOf(drawing.apps)}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...clusterShapes(layout),
    ...layout.lines.map((line) => lineShape(line, classOfShared(line.arrows, classOf))),
    ...portShapes(layout),
    ...peerShapes(layout),
    ...layout.lines.flatMap((line) => dotShape(line, classOfShared(line.arrows, classOf))),
    ...layout.lines.flatMap((line) => labelShape(line, classOf(line.arrows[0]))),
    `<g transform="translate(20 ${layout.height})">${legend.shapes.join("")}</g>`,
    "</svg>",
    "",
  ].join("\n");
}

function isCompared({ clusters, arrows }: Drawing): boolean {
  const marks = clusters.flatMap(({ mark, peers, ports }) => [mark, ...[...peers, ...ports].map((each) => each.mark)]);
  return [...marks, ...arrows.map(({ mark }) => mark)].some((mark) => mark !== undefined);
}

/** A shared way is marked if all that runs along it is. */
function classOfShared(arrows: readonly Arrow[], classOf: (arrow: Arrow | undefined) => string): string {
  const classes = new Set(arrows.map(classOf));
  const [only = "same"] = classes;
  return classes.size === 1 ? only : "same";
}

function styleOf(apps: readonly string[]): string {
  const tones = (tone: "light" | "dark") => {
    const colours: [string, string][] = [
      ...apps.map((app, index): [string, string] => [`app${index}`, appColour(apps, app)[tone]]),
      ...Object.entries(markColours).map(([mark, colour]): [string, string] => [mark, colour[tone]]),
    ];
    return colours.map(([name, colour]) => `.${name}{--c:${colour}}`).join("");
  };
  return [
    ":root{--paper:#fff;--box:#f6f8fa;--line:#c4ccd4;--ink:#1f2328;--faint:#59636e;--node:#fff;--edge:#818b98}",
    ".same{--c:var(--edge)}",
    tones("light"),
    `@media (prefers-color-scheme:dark){:root{--paper:#0d1117;--box:#151b23;--line:#3d444d;--ink:#f0f6fc;--faint:#9198a1;--node:#212830;--edge:#656c76}${tones("dark")}}`,
    "text{font-family:system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:var(--ink)}",
    `.name{font-size:${nameSize}px;font-weight:600}.detail,.label,.note{font-size:${labelSize}px}.detail,.note{fill:var(--faint);font-weight:400}`,
    ".paper{fill:var(--paper)}.cluster{fill:var(--box);stroke:var(--c,var(--line));stroke-width:1.5}",
    ".peer{fill:var(--node);stroke:var(--c,var(--edge));stroke-width:1.5}.port{fill:var(--node);stroke:var(--c,var(--faint));stroke-width:1.2}",
    ".added.cluster,.removed.cluster,.changed.cluster,.added.peer,.removed.peer,.changed.peer{stroke-width:2.5}",
    ".line{fill:none;stroke:var(--c);stroke-width:2}.line.same{stroke-width:1.4}.head,.dot{fill:var(--c);stroke:var(--paper);stroke-width:1}",
    ".removed.line,.removed.peer,.removed.cluster,.removed.port,.empty{stroke-dasharray:6 4}",
    ".first{font-weight:600;fill:var(--c)}.label .added,.label .removed{fill:var(--c)}.same .first{fill:var(--faint)}",
  ].join("");
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
    const label = tag(box.x + box.width / 2, box.y + 14, "detail", port.label, "middle");
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

function rectangle({ x, y, width, height }: Box, kind: string, mark: Mark | undefined, radius: number): string {
  const names = mark ? `${kind} ${mark}` : kind;
  return `<rect class="${names}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}"/>`;
}

function lineShape({ points, arrows, dialler, headAtStart, headAtEnd }: Line, colour: string): string {
  const [first, second] = points;
  const [last, beforeLast] = [points.at(-1), points.at(-2)];
  if (!first || !second || !last || !beforeLast) return "";
  const empty = arrows.every(({ queries, paused }) => paused || queries.length === 0) ? " empty" : "";
  return [
    `<g class="${colour}"><title>${text(arrows.map(arrowTitle).join("\n\n"))}</title>`,
    `<path class="line ${colour}${empty}" d="${rounded(points)}"/>`,
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

type Point = Line["points"][number];

/** Corners of a small radius. */
function rounded(points: readonly Point[]): string {
  const parts = points.map((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (!before) return `M${round(point.x)} ${round(point.y)}`;
    if (!after) return `L${round(point.x)} ${round(point.y)}`;
    const [enter, leave] = [towards(point, before, 7), towards(point, after, 7)];
    return `L${round(enter.x)} ${round(enter.y)}Q${round(point.x)} ${round(point.y)} ${round(leave.x)} ${round(leave.y)}`;
  });
  return parts.join("");
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length === 0) return from;
  const part = Math.min(distance, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

/** A triangle at the end of a line; `gap` leaves room for what else is there. */
function arrowhead(from: Point, end: Point, gap: number): string {
  const length = Math.hypot(end.x - from.x, end.y - from.y) || 1;
  const [x, y] = [(end.x - from.x) / length, (end.y - from.y) / length];
  const tip = { x: end.x - x * gap, y: end.y - y * gap };
  const base = { x: tip.x - x * 11, y: tip.y - y * 11 };
  const corners = [tip, { x: base.x - y * 5.5, y: base.y + x * 5.5 }, { x: base.x + y * 5.5, y: base.y - x * 5.5 }];
  return `<path class="head" d="M${corners.map((corner) => `${round(corner.x)} ${round(corner.y)}`).join("L")}Z"/>`;
}

function labelShape({ label }: Line, colour: string): string[] {
  if (!label) return [];
  const middle = label.x + label.width / 2;
  const lines = label.lines.map((line, index) => {
    const kind = index === 0 ? "first" : line.startsWith("+ ") ? "added" : line.startsWith("- ") ? "removed" : "query";
    return `<tspan class="${kind}" x="${round(middle)}" y="${round(label.y + 14 + index * lineHeight)}">${text(line)}</tspan>`;
  });
  return [`<g class="${colour}"><text class="label" text-anchor="middle">${lines.join("")}</text></g>`];
}

function legendOf(
  { apps, clusters }: Drawing,
  comparing: boolean,
): { shapes: string[]; width: number; height: number } {
  const entries = comparing
    ? [...Object.keys(markColours).map((mark) => ({ colour: mark, name: mark })), { colour: "same", name: "unchanged" }]
    : apps.map((app, index) => ({ colour: `app${index}`, name: app }));
  let x = 0;
  const shapes = entries.map(({ colour, name }) => {
    const shape = `<path class="line ${colour}" d="M${x} 6h24"/>${tag(x + 31, 10, "detail", name)}`;
    x += 31 + textWidth(name, labelSize) + 22;
    return shape;
  });
  const exposes = clusters.some(({ ports }) => ports.length > 0);
  const notes = [
    { shape: () => `<circle class="dot same" cx="${x + 6}" cy="6" r="5"/>`, room: 17, name: "dials" },
    { shape: () => arrowhead({ x, y: 6 }, { x: x + 12, y: 6 }, 0), room: 19, name: "direction of documents" },
    ...(exposes ? [{ shape: () => portSign(x), room: 30, name: "port that is dialled from other clusters" }] : []),
  ];
  for (const { shape, room, name } of notes) {
    shapes.push(`<g class="same">${shape()}</g>${tag(x + room, 10, "detail", name)}`);
    x += room + textWidth(name, labelSize) + 22;
  }
  return { shapes, width: x, height: 28 };
}

function portSign(x: number): string {
  return rectangle({ x, y: -1, width: 24, height: 14 }, "port", undefined, 7);
}

function tag(x: number, y: number, kind: string, content: string, anchor = "start"): string {
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${text(content)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Other people's text: no element, and no character that XML forbids. */
function text(content: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return content
    .replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
