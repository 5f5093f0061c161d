import { type Document, isMap, isScalar, isSeq, type Pair, type YAMLMap } from "yaml";
import type { Path } from "../findings/finding.ts";

type Range = readonly [start: number, end: number];

/**
 * Finds the places of values by their paths. It remembers what it has found, since a file may be wrong in thousands of
 * places.
 */
export class Nodes {
  readonly #document: Document;
  readonly #pairs = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();

  constructor(document: Document) {
    this.#document = document;
  }

  /** The range of the value at a path, or of the nearest value around it that exists. With `key`, of its key. */
  rangeOf(path: Path, part: "key" | "value"): Range {
    for (let length = path.length; length > 0; length--) {
      const steps = path.slice(0, length);
      const node = this.#at(steps);
      // A missing value is located at the entry that should contain it, which is where to add it. A single query stands
      // for a list of one, so what is missing in a text is the text.
      const holder = length < path.length && !(isScalar(node) && node.value !== null);
      const key = part === "key" || holder || !hasRange(node) ? this.#keyRange(steps) : undefined;
      if (key) return key;
      if (hasRange(node)) return [node.range[0], node.range[1]];
    }
    return [0, 1];
  }

  /** The range of the value at a path; undefined where there is none. */
  valueRange(path: Path): Range | undefined {
    const node = this.#at(path);
    return hasRange(node) ? [node.range[0], node.range[1]] : undefined;
  }

  #at(path: Path): unknown {
    return path.reduce<unknown>((node, step) => {
      if (isMap(node)) return this.#pairsOf(node).get(String(step))?.value;
      return isSeq(node) ? node.items[Number(step)] : undefined;
    }, this.#document.contents);
  }

  #keyRange(path: Path): Range | undefined {
    const parent = this.#at(path.slice(0, -1));
    const key = isMap(parent) ? this.#pairsOf(parent).get(String(path.at(-1)))?.key : undefined;
    return isScalar(key) && key.range ? [key.range[0], key.range[1]] : undefined;
  }

  #pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = this.#pairs.get(map);
    if (known) return known;
    const pairs = map.items.flatMap((pair): [string, Pair][] =>
      isScalar(pair.key) ? [[String(pair.key.value), pair]] : [],
    );
    // If a key exists twice, the first one counts.
    const made = new Map(pairs.reverse());
    this.#pairs.set(map, made);
    return made;
  }
}

function hasRange(node: unknown): node is { range: [number, number, number] } {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}
