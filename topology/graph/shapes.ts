import { breaksOnce, continued } from "./labels.ts";
import type { Box, Line } from "./layout.ts";
import type { Mark } from "./model.ts";
import { lineHeight } from "./text-width.ts";

/** A box of a kind, by which the style knows it. */
export function rectangle({ x, y, width, height }: Box, kind: string, mark: Mark | undefined, radius: number): string {
  const names = mark ? `${kind} ${mark}` : kind;
  return `<rect class="${names}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius}"/>`;
}

type Point = Line["points"][number];

/** Along points, with corners of a small radius. */
export function pathOf(points: readonly Point[]): string {
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
export function arrowhead(from: Point, end: Point, gap: number): string {
  const length = Math.hypot(end.x - from.x, end.y - from.y) || 1;
  const [x, y] = [(end.x - from.x) / length, (end.y - from.y) / length];
  const tip = { x: end.x - x * gap, y: end.y - y * gap };
  const base = { x: tip.x - x * 11, y: tip.y - y * 11 };
  const corners = [tip, { x: base.x - y * 5.5, y: base.y + x * 5.5 }, { x: base.x + y * 5.5, y: base.y - x * 5.5 }];
  return `<path class="head" d="M${corners.map((corner) => `${round(corner.x)} ${round(corner.y)}`).join("L")}Z"/>`;
}

/** The lines at a line, each in the colour of what it says. */
export function lineLabel({ label }: Line, colour: string): string[] {
  if (!label) return [];
  const middle = label.x + label.width / 2;
  let kind = "query";
  const lines = label.lines.map((line, index) => {
    if (!line.startsWith(continued)) kind = kindOf(line, index);
    return `<tspan class="${kind}" x="${round(middle)}" y="${round(label.y + 14 + index * lineHeight)}">${text(line.trim())}</tspan>`;
  });
  return [`<g class="${colour}"><text class="label" text-anchor="middle">${lines.join("")}</text></g>`];
}

function kindOf(line: string, index: number): string {
  if (line === breaksOnce) return "breaks";
  if (index === 0) return "first";
  return line.startsWith("+ ") ? "added" : line.startsWith("- ") ? "removed" : "query";
}

/** Two strokes across the longest straight part of a line that breaks. */
export function lineSign(points: readonly Point[]): string {
  const parts = points.slice(1).map((to, index) => ({ from: points[index] ?? to, to }));
  const length = ({ from, to }: { from: Point; to: Point }) => Math.hypot(to.x - from.x, to.y - from.y);
  const [longest] = parts.toSorted((one, other) => length(other) - length(one));
  if (!longest) return "";
  const { from, to } = longest;
  const [x, y] = [(from.x + to.x) / 2, (from.y + to.y) / 2];
  const stroke = (by: number) => {
    const [dx, dy] = from.y === to.y ? [by, 0] : [0, by];
    return `M${round(x + dx - 3)} ${round(y + dy + 6)}l6 -12`;
  };
  return `<path class="cut breaks" d="${stroke(-3)}${stroke(3)}"/>`;
}

/** One line of text. */
export function tag(x: number, y: number, kind: string, content: string, anchor = "start"): string {
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}">${text(content)}</text>`;
}

/** To a tenth of a pixel. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Other people's text: no element, and no character that XML forbids. */
export function text(content: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return content
    .replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
