import { markColours } from "./colours.ts";
import type { Drawing } from "./model.ts";
import { arrowhead, lineSign, rectangle, tag } from "./shapes.ts";
import { labelSize, textWidth } from "./text-width.ts";

const rowHeight = 22;

interface Entry {
  readonly sign: (x: number, y: number) => string;
  /** Room for the sign. */
  readonly room: number;
  readonly name: string;
}

/** What the colours and signs of a picture mean, in as many rows as its width asks for. */
export function legendOf(
  drawing: Drawing,
  comparing: boolean,
  width: number,
): { shapes: string[]; width: number; height: number } {
  let [x, y, widest] = [0, 0, 0];
  const shapes = [...colourEntries(drawing, comparing), ...signEntries(drawing)].map(({ sign, room, name }) => {
    const needed = room + textWidth(name, labelSize);
    if (x > 0 && x + needed > width) [x, y] = [0, y + rowHeight];
    const shape = `<g class="same">${sign(x, y + 6)}</g>${tag(x + room, y + 10, "detail", name)}`;
    x += needed + 22;
    widest = Math.max(widest, x - 22);
    return shape;
  });
  return { shapes, width: widest, height: y + 28 };
}

function colourEntries({ apps }: Drawing, comparing: boolean): Entry[] {
  const entries = comparing
    ? [...Object.keys(markColours).map((mark) => ({ colour: mark, name: mark })), { colour: "same", name: "unchanged" }]
    : apps.map((app, index) => ({ colour: `app${index}`, name: app }));
  return entries.map(({ colour, name }) => ({
    sign: (x, y) => `<path class="line ${colour}" d="M${x} ${y}h24"/>`,
    room: 31,
    name,
  }));
}

function signEntries({ clusters, arrows, meshes }: Drawing): Entry[] {
  const pill = (kind: string) => (x: number, y: number) =>
    rectangle({ x, y: y - 7, width: 24, height: 14 }, kind, undefined, 7);
  const entries: [boolean, Entry][] = [
    [true, { sign: (x, y) => `<circle class="dot same" cx="${x + 6}" cy="${y}" r="5"/>`, room: 17, name: "dials" }],
    [true, { sign: (x, y) => arrowhead({ x, y }, { x: x + 12, y }, 0), room: 19, name: "direction of documents" }],
    [
      arrows.some(({ breaks }) => breaks),
      {
        sign: (x, y) =>
          `<path class="line same" d="M${x} ${y}h24"/>${lineSign([
            { x, y },
            { x: x + 24, y },
          ])}`,
        room: 31,
        name: "breaks once",
      },
    ],
    [meshes.length > 0, { sign: pill("mesh"), room: 30, name: "mesh: everybody with everybody" }],
    [
      clusters.some(({ ports }) => ports.length > 0),
      { sign: pill("port"), room: 30, name: "port that is dialled from other clusters" },
    ],
  ];
  return entries.flatMap(([shown, entry]) => (shown ? [entry] : []));
}
