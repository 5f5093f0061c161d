import { isDeepStrictEqual } from "node:util";
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { withKeptLines } from "./kept-lines.ts";

/** A topology file that is edited as a person would: comments, order and style stay as they are. */
export class EditedTopology {
  readonly #original: string;
  readonly #unedited: string;
  readonly #document: Document;

  constructor(text: string) {
    this.#original = text;
    // The parser would take the first half of a line end for a part of the comment before it.
    this.#document = parseDocument(text.replaceAll("\r\n", "\n"));
    this.#unedited = this.#written();
  }

  /** The file after the edits: the lines that they do not concern, the line ends and a byte order mark are those that it had. */
  text(): string {
    const edited = this.#written();
    const text = withKeptLines({ original: this.#original, unedited: this.#unedited, edited });
    // What no line can be kept of is still right as the library writes it.
    const isRight = isDeepStrictEqual(parseDocument(text).toJS(), parseDocument(edited).toJS());
    return isRight ? text : edited;
  }

  #written(): string {
    const indent = /^( +)\S/m.exec(this.#original)?.[1]?.length ?? 2;
    return this.#document.toString({ lineWidth: 0, indent });
  }

  /** The entries of a section by name; none where the file has no such section. */
  entries(section: string): [name: string, entry: YAMLMap][] {
    return (this.#section(section)?.items ?? []).flatMap((pair): [string, YAMLMap][] => {
      const entry = this.#resolved(pair.value);
      return isMap(entry) ? [[nameOf(pair), entry]] : [];
    });
  }

  /** A second entry like one that is there, right behind it. */
  copyEntry(section: string, name: string, copyName: string, change: (copy: YAMLMap) => void): void {
    const items = this.#section(section)?.items ?? [];
    const index = items.findIndex((pair) => nameOf(pair) === name);
    const original = this.#resolved(items[index]?.value);
    if (!isMap(original)) throw new Error(`${section}.${name} is not a separate entry`);
    const copy = original.clone();
    if (!isMap(copy)) throw new Error(`${section}.${name} is not a map`);
    // They tell of the original.
    delete copy.anchor;
    copy.comment = null;
    copy.commentBefore = null;
    change(copy);
    items.splice(index + 1, 0, this.#document.createPair(copyName, copy));
  }

  /** A new entry at the end of a section, with a comment above it. */
  addEntry(section: string, name: string, value: unknown, comment: string): void {
    if (!this.#section(section)) this.#document.set(section, this.#document.createNode({}));
    const key = new Scalar(name);
    key.commentBefore = ` ${comment}`;
    this.#section(section)?.items.push(
      this.#document.createPair(key, this.#document.createNode(value, { flow: true })),
    );
  }

  removeEntry(section: string, name: string): void {
    const items = this.#section(section)?.items ?? [];
    const index = items.findIndex((pair) => nameOf(pair) === name);
    if (index >= 0) items.splice(index, 1);
    if (items.length === 0) this.#document.delete(section);
  }

  /** Sets a value at a path from the top of the file, and makes the maps on the way to it that are not there. */
  set([step, ...rest]: readonly [string, ...string[]], value: unknown): void {
    const top = this.#top();
    const setIn = (map: YAMLMap, key: string, below: readonly string[]): void => {
      const found = map.get(key, true);
      const current = this.#resolved(found);
      const [next, ...others] = below;
      if (next === undefined) {
        // A comment behind a value is part of its node.
        if (isScalar(current) && !isAlias(found) && (typeof value !== "object" || value === null))
          current.value = value;
        else map.set(key, this.#document.createNode(value, { flow: true }));
        return;
      }
      if (isMap(current)) {
        setIn(current, next, others);
        return;
      }
      const made = this.#document.createNode({});
      if (!isMap(made)) throw new Error("an empty map is not a map");
      map.set(key, made);
      setIn(made, next, others);
    };
    setIn(top, step, rest);
  }

  /** Takes a key out of the map at a path; where either is missing, nothing changes. */
  unset(path: readonly [string, ...string[]]): void {
    const key = path.at(-1) ?? "";
    const map = path
      .slice(0, -1)
      .reduce<unknown>((node, step) => (isMap(node) ? this.#resolved(node.get(step, true)) : undefined), this.#top());
    if (isMap(map)) map.delete(key);
  }

  /**
   * Moves the first item of each list to its end, or (`back`) the last one to its front, with its comments. A list that several paths lead
   * to, by an alias, moves once.
   * @returns the paths at which there is no list
   */
  rotate<P extends readonly PropertyKey[]>(paths: readonly P[], back: boolean): readonly P[] {
    const found = paths.map((path) => path.reduce<unknown>((node, step) => this.#below(node, step), this.#top()));
    for (const { items } of new Set(found.filter((node) => isSeq(node)))) {
      if (back) items.unshift(...items.splice(-1));
      else items.push(...items.splice(0, 1));
    }
    return paths.filter((_, index) => !isSeq(found[index]));
  }

  /** The list under a key of an entry. */
  list(entry: YAMLMap, key: string): YAMLSeq | undefined {
    const list = this.#resolved(entry.get(key, true));
    return isSeq(list) ? list : undefined;
  }

  /** A list at the top of the file, made if it is not there. */
  addToList(key: string, value: string): void {
    const list = this.#document.get(key, true);
    if (isSeq(list)) list.add(this.#document.createNode(value));
    else {
      const items = this.#top().items;
      const before = items.findIndex((pair) => nameOf(pair) === "clusters");
      items.splice(
        Math.max(before, 0),
        0,
        this.#document.createPair(key, this.#document.createNode([value], { flow: true })),
      );
    }
  }

  /** Takes a value out of a list at the top of the file, and an empty list out of the file. */
  removeFromList(key: string, value: string): void {
    const list = this.#document.get(key, true);
    if (!isSeq(list)) return;
    removeFrom(list, value);
    if (list.items.length === 0) this.#document.delete(key);
  }

  /** An entry of a map at the top of the file; the map is made before the clusters, else at the end, if it is not there. */
  addSetting(key: string, name: string, value: string): void {
    const map = this.#section(key);
    if (map) {
      map.set(name, value);
      return;
    }
    const { items } = this.#top();
    const before = items.findIndex((pair) => nameOf(pair) === "clusters");
    const made = this.#document.createPair(key, this.#document.createNode({ [name]: value }, { flow: true }));
    items.splice(before < 0 ? items.length : before, 0, made);
  }

  /** Takes an entry out of a map at the top of the file, and an empty map out of the file. */
  removeSetting(key: string, name: string): void {
    const map = this.#section(key);
    map?.delete(name);
    if (map?.items.length === 0) this.#document.delete(key);
  }

  node(value: string): Node {
    return this.#document.createNode(value);
  }

  #top(): YAMLMap {
    const { contents } = this.#document;
    if (!isMap(contents)) throw new Error("the file is not a map");
    return contents;
  }

  #section(section: string): YAMLMap | undefined {
    const found = this.#resolved(this.#top().get(section, true));
    return isMap(found) ? found : undefined;
  }

  /** What a map or a list has under a key, also where a merge key (`<<`) brings it along. */
  #below(node: unknown, step: PropertyKey): unknown {
    if (isSeq(node)) return this.#resolved(node.get(Number(step), true));
    if (!isMap(node)) return undefined;
    const own = this.#resolved(node.get(step, true));
    if (own !== undefined || !node.has("<<")) return own;
    const merged = this.#resolved(node.get("<<", true));
    return [...(isSeq(merged) ? merged.items.map((item) => this.#resolved(item)) : [merged])]
      .map((from) => this.#below(from, step))
      .find((found) => found !== undefined);
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }
}

export function nameOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

export function textOf(node: unknown): string {
  return isScalar(node) ? String(node.value) : "";
}

export function removeFrom(list: YAMLSeq, value: string): void {
  list.items = list.items.filter((item) => textOf(item) !== value);
}
