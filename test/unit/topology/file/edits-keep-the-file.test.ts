/** Whatever a command changes in a topology file, the rest of the file stays as its author has written it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { failOver } from "../../../../topology/failover/fail-over.ts";
import { nextAddress } from "../../../../topology/failover/next-address.ts";
import type { Source } from "../../../../topology/file/source.ts";
import { migrate } from "../../../../topology/migration/migrate.ts";
import { setPaused } from "../../../../topology/pause/set-paused.ts";
import { pinPorts } from "../../../../topology/pins/pin.ts";
import { sourceOf } from "../../../support/files-in-memory.ts";

/** Written as people do: blocks and flow, quotes of both kinds, lists with and without an indent. */
const written = `environment: development

clusters:
  east: { ingress: { host: bp.east.example.com } }
  west:
    ingress: {host: bp.west.example.com}
    exposures:
      nodes:
        nodePort: { host:  "node.west.example.com" }
    exposure: [default, nodes]
peers:
  bp1: { cluster: east, version: 1.63.2 }
  bp2: { cluster: west, version: '1.63.2' }
  bp3:
    cluster: west
    version: 1.63.2
    labels: {
      tier: standby,
      of: bp2
    }


apps:
  cars:
    id: 2164bef3-37c0-489c-9ac6-c94b034525d7
    peers:
    - bp1
    - bp2
    - bp3
replications:
  blue-cars:
    app: cars
    between: [ bp1, bp2 ]
    queries:
      cars:
        - "color = 'blue'"
        - 'size > 3'
        - >-
          size > 4
          AND size < 9
  red-cars: { app: cars, from: bp1, to: bp2, queries: { cars: ["color = 'red'"] } }
`;

interface Style {
  /** Comments above lines, and behind them, by the number of the line. */
  readonly above: readonly number[];
  readonly behind: readonly number[];
  readonly lineEnd: "\n" | "\r\n";
  readonly mark: boolean;
  readonly ended: boolean;
}

const style: fc.Arbitrary<Style> = fc.record({
  above: fc.uniqueArray(fc.nat(40), { maxLength: 6 }),
  behind: fc.uniqueArray(fc.nat(40), { maxLength: 6 }),
  lineEnd: fc.constantFrom("\n", "\r\n"),
  mark: fc.boolean(),
  ended: fc.boolean(),
});

function styled(text: string, { above, behind, lineEnd, mark, ended }: Style): string {
  const lines = text.trimEnd().split("\n");
  const noted = lines.flatMap((line, index) => {
    const indent = /^ */.exec(line)?.[0] ?? "";
    const own = behind.includes(index) && line !== "" ? `${line}  # behind ${index}` : line;
    return above.includes(index) ? [`${indent}# above ${index}`, own] : [own];
  });
  return `${mark ? "\uFEFF" : ""}${noted.join(lineEnd)}${ended ? lineEnd : ""}`;
}

type Texts = ReadonlyMap<string, string>;

interface Command {
  readonly name: string;
  readonly run: (source: Source) => Texts;
  /** Undefined: what it does is undone by nobody. */
  readonly back?: (source: Source) => Texts;
  /** Whether a second run has nothing to do. */
  readonly once: boolean;
  /** The lines that it may change; it may add any. */
  readonly touches: RegExp;
}

const commands: readonly Command[] = [
  ...["blue-cars", "red-cars"].map((name) => ({
    name: `pause ${name}`,
    run: (source: Source) => setPaused(source, name, true).texts,
    back: (source: Source) => setPaused(source, name, false).texts,
    once: true,
    touches: new RegExp(`${name}: \\{`),
  })),
  {
    name: "failover",
    run: (source) => failOver(source, "bp2", "bp3").texts,
    back: (source) => failOver(source, "bp2", "bp3", true).texts,
    once: true,
    touches: /never/,
  },
  {
    name: "next-address",
    run: (source) => nextAddress(source, "west", {}).texts,
    back: (source) => nextAddress(source, "west", { back: true }).texts,
    once: false,
    touches: /exposure: \[/,
  },
  {
    name: "pin",
    run: (source) => pinPorts(source, undefined, { avoid: new Map([["west", everyPort]]) }).texts,
    once: true,
    touches: /red-cars: \{/,
  },
];
/** All but two. */
const everyPort = new Set(Array.from({ length: 998 }, (_, index) => 4040 + index));

function isStyled(text: string, { lineEnd, mark, ended }: Style): boolean {
  const ends = text.match(/\r?\n/g) ?? [];
  return text.startsWith("\uFEFF") === mark && ends.every((end) => end === lineEnd) && text.endsWith("\n") === ended;
}

/** The lines of a text that another one lacks. */
function lost(before: string, after: string): string[] {
  const [one, other] = [before, after].map((text) => text.replace("\uFEFF", "").split(/\r?\n/));
  const left = new Map<string, number>();
  for (const line of other ?? []) left.set(line, (left.get(line) ?? 0) + 1);
  return (one ?? []).filter((line) => {
    const there = left.get(line) ?? 0;
    left.set(line, there - 1);
    return there === 0;
  });
}

const notes = (text: string) => (text.match(/# (?:above|behind) \d+/g) ?? []).sort();

function checkEdit(
  { run, back, once, touches }: Command,
  source: Source,
  name: string,
  before: string,
  own: Style,
): void {
  const texts = run(source);
  expect([...texts.keys()]).toEqual([name]);
  const after = texts.get(name) ?? "";
  expect(after).not.toBe(before);
  expect(isStyled(after, own), JSON.stringify(after)).toBe(true);
  expect(notes(after)).toEqual(notes(before));
  expect(lost(before, after).filter((line) => !touches.test(line))).toEqual([]);
  const edited = source.withTexts(texts);
  if (once) expect([...run(edited)]).toEqual([]);
  if (back) expect([...back(edited)]).toEqual([[name, before]]);
  if (back && once) expect([...back(source)]).toEqual([]);
}

describe.each(commands)("$name", (command) => {
  test("keeps comments, line ends, the byte order mark and every line that it does not concern, and is undone without a trace", () => {
    fc.assert(
      fc.property(style, (own) => {
        const before = styled(written, own);
        checkEdit(command, sourceOf({ "topology.yaml": before }), "topology.yaml", before, own);
      }),
      { numRuns: 25 },
    );
  });

  test("keeps an include, and the included file as it is written", () => {
    fc.assert(
      fc.property(style, style, (first, own) => {
        const top = styled("# All of it.\ninclude: parts\n", first);
        const before = styled(written, own);
        const files = { "topology.yaml": top, "parts/all.yaml": before };
        const inTop = command.name === "failover";
        checkEdit(
          command,
          sourceOf(files),
          inTop ? "topology.yaml" : "parts/all.yaml",
          inTop ? top : before,
          inTop ? first : own,
        );
      }),
      { numRuns: 15 },
    );
  });
});

test("each step of a migration keeps comments, line ends, the byte order mark and what it does not concern", () => {
  fc.assert(
    fc.property(style, (own) => {
      const before = styled(written, own);
      let [text, source] = [before, sourceOf({ "topology.yaml": before })];
      for (const step of ["copy", "repoint", "remove"]) {
        const made = migrate(source, { from: "bp1", to: "bp4" });
        expect(made.step).toBe(step);
        expect(isStyled(made.text, own), JSON.stringify(made.text)).toBe(true);
        const gone = lost(text, made.text).filter((line) => !/bp1|cars-to-bp4|Copies everything from bp1/.test(line));
        expect(gone).toEqual([]);
        text = made.text;
        source = source.withTexts(new Map([["topology.yaml", text]]));
      }
      const done = migrate(source, { from: "bp1", to: "bp4" });
      expect([done.step, done.text]).toEqual(["done", text]);
    }),
    { numRuns: 25 },
  );
});
