import type { Area, DrawnElement, DrawnPicture } from "./drawn-picture.ts";

/** By how many pixels an edge may be off before it counts. */
const slack = 1;

/** WCAG 2, level AA: for text, and for what a picture cannot be understood without. */
export const leastTextContrast = 4.5;
export const leastLineContrast = 3;

/**
 * What makes a picture unreadable: a sentence for each fault. A picture is not compared pixel by pixel with one that was right once,
 * since which font a machine has, and which Chromium, decides about every letter.
 */
export function faultsOf(picture: DrawnPicture): string[] {
  const all = picture.elements.map((element, order) => ({ ...element, order }));
  const paper = all.find(({ kind }) => kind === "paper");
  const texts = all.filter(({ tag }) => tag === "text").map((text) => ({ ...text, ...lettersOf(text) }));
  const boxes = all.filter(({ tag, kind }) => tag === "rect" && !/paper|behind/.test(kind));
  const lines = all.filter(({ tag }) => tag === "path");
  const faults: string[] = [];
  /** What a text is written on hides what was painted before it. */
  const backgroundOf = (text: Area) => boxes.filter((box) => isInside(text, box)).at(-1) ?? paper;

  for (const [index, text] of texts.entries()) {
    const { words } = text;
    const background = backgroundOf(text);
    if (words.trim() === "" || text.right <= text.left) faults.push("a text is blank");
    if (!isInside(text, picture)) faults.push(`"${words}" leaves the picture`);
    for (const other of texts.slice(index + 1))
      if (overlap(text, other)) faults.push(`"${words}" and "${other.words}" overlap`);
    for (const box of boxes)
      if (overlap(text, box) && !isInside(text, box) && box.order > (background?.order ?? 0))
        faults.push(`"${words}" crosses the border of a ${box.kind}`);
    for (const part of text.parts) {
      const ratio = contrast(part.fill, background?.fill ?? "");
      if (ratio < leastTextContrast) faults.push(`"${part.words}" has a contrast of only ${ratio.toFixed(1)}`);
    }
  }
  for (const [index, box] of boxes.entries()) {
    if (!isInside(box, picture)) faults.push(`a ${box.kind} leaves the picture`);
    for (const other of boxes.slice(index + 1))
      if (overlap(box, other) && !isInside(other, box) && !other.kind.includes("port"))
        faults.push(`a ${box.kind} and a ${other.kind} overlap`);
  }
  for (const [index, line] of lines.entries())
    for (const other of lines.slice(index + 1))
      if (segmentsOf(line).some((one) => segmentsOf(other).some((two) => runAlong(one, two))))
        faults.push(
          `${line.title || "a line"} runs along ${other.title || "another"}, so that they cannot be told apart`,
        );
  for (const line of lines) {
    const name = line.title || "a line of the legend";
    const ratio = contrast(line.stroke, paper?.fill ?? "");
    if (ratio < leastLineContrast) faults.push(`${name} has a contrast of only ${ratio.toFixed(1)}`);
    for (const segment of segmentsOf(line)) {
      if (!isInside(segment, picture)) faults.push(`${name} leaves the picture`);
      for (const text of texts)
        if (touches(segment, text) && line.order > (backgroundOf(text)?.order ?? 0))
          faults.push(`${name} runs through "${text.words}"`);
      for (const box of boxes)
        if (box.kind.includes("peer") && touches(segment, grown(box, -4))) faults.push(`${name} runs through a peer`);
    }
  }
  return [...new Set(faults)];
}

/** A text without the room above and below its letters. */
function lettersOf({ left, right, top, bottom, parts }: DrawnElement): Area {
  const room = (bottom - top) / parts.length / 6;
  return { left, right, top: top + room, bottom: bottom - room };
}

/** The straight parts of a line, and its corners as if they were straight. */
function segmentsOf({ points }: DrawnElement): Area[] {
  return points.slice(1).map((to, index) => {
    const from = points[index] ?? to;
    const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
    return { left, right, top: Math.min(from.y, to.y), bottom: Math.max(from.y, to.y) };
  });
}

function grown({ left, right, top, bottom }: Area, by: number): Area {
  return { left: left - by, right: right + by, top: top - by, bottom: bottom + by };
}

function isInside(inner: Area, outer: Area): boolean {
  const { left, right, top, bottom } = grown(outer, slack);
  return inner.left >= left && inner.right <= right && inner.top >= top && inner.bottom <= bottom;
}

function overlap(one: Area, other: Area): boolean {
  const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return across > slack && down > slack;
}

/** Two segments on one line that share more than a corner. */
function runAlong(one: Area, other: Area): boolean {
  const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  const flat = one.bottom - one.top < slack && other.bottom - other.top < slack;
  const upright = one.right - one.left < slack && other.right - other.left < slack;
  return (
    (flat && across > 4 && Math.abs(one.top - other.top) < 2) ||
    (upright && down > 4 && Math.abs(one.left - other.left) < 2)
  );
}

/** A segment has no width, or no height. */
function touches(segment: Area, area: Area): boolean {
  const across = segment.left < area.right && segment.right > area.left;
  return across && segment.top < area.bottom && segment.bottom > area.top;
}

/** The contrast of two colours, as WCAG 2 defines it: 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map((text) => {
    const part = Number(text) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
