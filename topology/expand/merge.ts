import type { WrittenFile } from "../file/written-file.ts";
import { Finding, formatLocation, type Location, type Path } from "../findings/finding.ts";
import { reading } from "../rules/reading.ts";
import { type Entry, placeOf, type Section, sections } from "./entry.ts";
import { expansionKeys } from "./schema.ts";

/** A key of the topology that is no section of entries, and where it is written. */
interface Setting {
  readonly value: unknown;
  /** By item of a list, else one place for all. */
  readonly places: readonly { readonly file: WrittenFile; readonly path: Path }[];
}

/** A topology in the making: its entries by section and name, and its other keys. */
export class Merged {
  readonly entries: ReadonlyMap<Section, Map<string, Entry>> = new Map(sections.map((section) => [section, new Map()]));
  readonly settings = new Map<string, Setting>();
  readonly findings: Finding[] = [];

  /** Adds an entry, unless one of that name is there. */
  add(entry: Entry): void {
    const { section, name } = entry;
    const before = this.entries.get(section)?.get(name);
    if (!before) {
      this.entries.get(section)?.set(name, entry);
      return;
    }
    const [first, second] = [before, entry].map(({ layers: [layer] }) => layer && placeOf(layer));
    this.findings.push(declaredTwice([section, name], first, second));
  }

  /** The entries of a section, in the order of the files. */
  of(section: Section): Entry[] {
    return [...(this.entries.get(section)?.values() ?? [])];
  }

  /** Takes over what a file says in full. What its families and defaults say comes later. */
  addFile(file: WrittenFile, first: boolean): void {
    for (const [key, value] of members(file.value)) {
      const section = sections.find((each) => each === key);
      if (expansionKeys.includes(key) || (key === "$schema" && !first)) continue;
      if (section && isMapping(value))
        for (const [name, each] of members(value))
          this.add({ section, name, value: each, layers: [{ file, at: [section, name] }] });
      else this.#set(key, value, file);
    }
  }

  #set(key: string, value: unknown, file: WrittenFile): void {
    const before = this.settings.get(key);
    if (!before) {
      const items = Array.isArray(value) ? value.map((_, index) => ({ file, path: [key, index] })) : [];
      this.settings.set(key, { value, places: items.length > 0 ? items : [{ file, path: [key] }] });
    } else if (Array.isArray(before.value) && Array.isArray(value)) {
      const added: unknown[] = value;
      const places = [...before.places, ...added.map((_, index) => ({ file, path: [key, index] }))];
      this.settings.set(key, { value: [...before.value, ...added], places });
    } else {
      const [place] = before.places;
      this.findings.push(setTwice([key], place?.file.locate([key], "key"), file.locate([key], "key")));
    }
  }
}

/** That two files declare one name. */
export function declaredTwice(path: Path, first: Location | undefined, second: Location | undefined): Finding {
  return new Finding(reading.duplicateName, {
    path,
    what: `is declared twice${first ? `, first at ${formatLocation(first)}` : ""}`,
    why: "one of the two would be lost, and nothing would report which",
    fix: "give the second one another name, or remove it",
    location: second,
  });
}

/** That two places set one value. */
export function setTwice(path: Path, first: Location | undefined, second: Location | undefined): Finding {
  return new Finding(reading.setTwice, {
    path,
    what: `is set twice${first ? `, first at ${formatLocation(first)}` : ""}`,
    fix: "set it in one place; put values that differ in the entries themselves, or under labels that only those entries have",
    location: second,
  });
}

export function members(value: unknown): [string, unknown][] {
  return isMapping(value) ? Object.entries(value) : [];
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
