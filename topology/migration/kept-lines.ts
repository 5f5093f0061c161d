/**
 * A text that a YAML library has written, with the lines of the original wherever nothing was changed: their spaces, the indent of their
 * lists, lists over several lines, blank lines and line ends.
 */
export interface Written {
  /** The original, as its author has written it. */
  readonly original: string;
  /** The same, as the library writes it. */
  readonly unedited: string;
  /** What the library writes after the edit. */
  readonly edited: string;
}

const byteOrderMark = "\uFEFF";

/** Lines of the original, and the lines that the library has written for them. */
interface Chunk {
  readonly original: readonly string[];
  /** The first of the written lines, and the one behind the last. */
  readonly from: number;
  readonly to: number;
}

/** The edited text in the lines of the original. */
export function withKeptLines({ original, unedited, edited }: Written): string {
  if (edited === unedited) return original;
  const mark = original.startsWith(byteOrderMark) ? byteOrderMark : "";
  const body = original.slice(mark.length);
  const end = /(?:\r?\n)*$/.exec(body)?.[0] ?? "";
  const before = body.slice(0, body.length - end.length).split("\n");
  const [plain, after] = [unedited, edited].map((text) => text.trimEnd().split("\n"));
  if (!plain || !after) return edited;
  const lineEnd = 2 * (body.match(/\r\n/g)?.length ?? 0) > (body.match(/\n/g)?.length ?? 0) ? "\r" : "";
  const chunks = chunksOf(before, plain);
  const same = matches(plain, after);
  const known = new Map(before.map((line) => [indented(line), line]));
  const spaces = spacesBefore(before);
  const lines: string[] = [];
  for (let index = 0; index < after.length; ) {
    const chunk = chunks.get(same[index] ?? -1);
    const length = chunk ? chunk.to - chunk.from : 0;
    const whole =
      chunk && Array.from({ length }, (_, step) => same[index + step] === chunk.from + step).every((each) => each);
    if (chunk && whole) {
      lines.push(...chunk.original);
      index += length;
      continue;
    }
    const line = shifted(index, { after, same, chunks });
    // A comment behind a key whose value is on the next lines is written below the key.
    const comment = /^\s+(#.*)$/.exec(after[index + 1] ?? "")?.[1];
    const joined = comment === undefined ? undefined : known.get(indented(`${line} ${comment}`));
    const takes = joined !== undefined && !known.has(indented(line));
    lines.push(
      takes ? joined : (known.get(indented(line)) ?? `${withSpaces(withoutPaddedLists(line), spaces)}${lineEnd}`),
    );
    index += takes ? 2 : 1;
  }
  // The last line of the original has no end here, and need not be the last one any more.
  const final = before.at(-1);
  const ended = lines.map((line) => (line === final && !line.endsWith("\r") ? line + lineEnd : line));
  return `${mark}${ended.join("\n").replace(/\r$/, "")}${end}`;
}

/** What stands between a value and each comment behind it. */
function spacesBefore(lines: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    lines.flatMap((line): [string, string][] =>
      [...line.trimEnd().matchAll(/(?<=\S)(\s+)#/g)].map(({ 0: found, 1: space = " ", index }) => [
        line.trimEnd().slice(index + found.length - 1),
        space,
      ]),
    ),
  );
}

/** A changed line, with its comment as far behind its value as it was. */
function withSpaces(line: string, spaces: ReadonlyMap<string, string>): string {
  for (const { index } of line.matchAll(/(?<=\S) #/g)) {
    const comment = line.slice(index + 1);
    const space = spaces.get(comment);
    if (space !== undefined) return line.slice(0, index) + space + comment;
  }
  return line;
}

/** The lines of the original by the first line that the library has written for them. */
function chunksOf(before: readonly string[], plain: readonly string[]): ReadonlyMap<number, Chunk> {
  const chunks = new Map<number, Chunk>();
  let [i, j] = [0, 0];
  while (i < before.length || j < plain.length) {
    const [fromOriginal, from] = [i, j];
    let [one, other] = ["", ""];
    do {
      // Whichever has less catches up.
      if (j >= plain.length || (i < before.length && one.length <= other.length)) one += squeezed(before[i++]);
      else other += squeezed(plain[j++]);
    } while ((one !== other || j === from) && (i < before.length || j < plain.length) && alike(one, other));
    if (!alike(one, other) || (one !== other && (i < before.length || j < plain.length)))
      [i, j] = next(before.map(squeezed), plain.map(squeezed), [fromOriginal + 1, from + 1]);
    if (j > from) chunks.set(from, { original: before.slice(fromOriginal, i), from, to: j });
  }
  return chunks;
}

function alike(one: string, other: string): boolean {
  return one.startsWith(other) || other.startsWith(one);
}

/** For each line of a text, the line of the other one that it is, in order; undefined: it is new. */
function matches(plain: readonly string[], after: readonly string[]): readonly (number | undefined)[] {
  const same: (number | undefined)[] = Array.from({ length: after.length });
  let [i, j] = [0, 0];
  while (i < plain.length && j < after.length) {
    if (plain[i] === after[j]) same[j++] = i++;
    else [i, j] = next(plain, after, [i, j]);
  }
  return same;
}

/** An edit is in one place or in several, and seldom longer than this. */
const farthest = 600;

/** The nearest place from which two texts are the same again, for two lines or to the end. */
function next(one: readonly string[], other: readonly string[], [i, j]: readonly [number, number]): [number, number] {
  for (let distance = 0; distance <= farthest; distance++)
    for (let step = 0; step <= distance; step++) {
      const [a, b] = [i + step, j + distance - step];
      if (a < one.length && b < other.length && one[a] === other[b] && one[a + 1] === other[b + 1] && one[a] !== "")
        return [a, b];
    }
  return [one.length, other.length];
}

interface Edited {
  readonly after: readonly string[];
  readonly same: readonly (number | undefined)[];
  readonly chunks: ReadonlyMap<number, Chunk>;
}

/** A new line, indented as its neighbours are in the original. */
function shifted(index: number, edited: Edited): string {
  const line = edited.after[index] ?? "";
  const own = indentOf(line);
  if (line === "") return line;
  for (const step of [-1, 1])
    for (let at = index + step; at >= 0 && at < edited.after.length; at += step) {
      const other = indentOf(edited.after[at] ?? "");
      const shift = edited.after[at] === "" || other > own ? undefined : shiftOf(at, edited);
      if (shift !== undefined && (other === own || step < 0)) {
        // A line above that is indented less is the one that it belongs to, unless one of its own kind is below.
        const below = other < own ? siblingBelow(index, own, edited) : undefined;
        return " ".repeat(Math.max(0, own + (below ?? shift))) + line.trimStart();
      }
      if (edited.after[at] !== "" && other < own) break;
    }
  return line;
}

function siblingBelow(index: number, own: number, edited: Edited): number | undefined {
  for (let at = index + 1; at < edited.after.length; at++) {
    const line = edited.after[at] ?? "";
    if (line !== "" && indentOf(line) < own) return undefined;
    const shift = line !== "" && indentOf(line) === own ? shiftOf(at, edited) : undefined;
    if (shift !== undefined) return shift;
  }
  return undefined;
}

/** By how much the original indents a line more than the library does; undefined: it is new. */
function shiftOf(at: number, { after, same, chunks }: Edited): number | undefined {
  const chunk = chunks.get(same[at] ?? -1);
  const first = chunk?.original.find((line) => line.trim() !== "");
  return first === undefined ? undefined : indentOf(first) - indentOf(after[at] ?? "");
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function squeezed(line: string | undefined): string {
  return (line ?? "").replace(/\s/g, "");
}

function indented(line: string): string {
  return `${indentOf(line)} ${squeezed(line)}`;
}

function withoutPaddedLists(line: string): string {
  // A quoted text stays as it is.
  return line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|\[ | \]/g, (part) => (part.length === 2 ? part.trim() : part));
}
