import type { WrittenFile } from "../file/written-file.ts";
import type { Location, Path } from "../findings/finding.ts";
import { valueAt } from "../value-at.ts";
import { firstPlaceholder } from "./placeholders.ts";
import type { Labels } from "./schema.ts";
import type { Row } from "./table.ts";

export const sections = ["clusters", "peers", "apps", "replications"] as const;
export type Section = (typeof sections)[number];

/** Where settings of an entry are written: as themselves, in a template, or among the defaults. */
export interface Layer {
  readonly file: WrittenFile;
  readonly at: Path;
  /** The row for which a template was filled. */
  readonly row?: Row;
  /** Whether it is the defaults of many. */
  readonly shared?: boolean;
}

/** One cluster, peer, app or replication, and where each of its settings is written. */
export interface Entry {
  readonly section: Section;
  readonly name: string;
  readonly value: unknown;
  /** What says most about it first: its own, then the defaults that it takes. */
  readonly layers: readonly Layer[];
  /** Below the entry: where a value is written that the expansion has put elsewhere. The longest one that fits counts. */
  readonly moved?: readonly Moved[];
}

/** A value that the expansion has put elsewhere. */
export interface Moved {
  readonly from: Path;
  readonly to: Path;
  /** Of whom it is: the spoke for which a query was filled. */
  readonly via?: Location | undefined;
}

/** The line that wrote a value of an entry, or the nearest around it, with the other line that had a part in it. */
export function locateIn(entry: Entry, path: Path, part: "key" | "value"): Location {
  const moved = movedTo(entry, path);
  const below = moved ? [...moved.to, ...path.slice(moved.from.length)] : path;
  const [own] = entry.layers;
  if (!own) throw new Error(`${entry.section}.${entry.name} is written nowhere`);
  for (let length = below.length; length > 0; length--) {
    const steps = below.slice(0, length);
    const layer = entry.layers.find(({ file, at }) => valueAt(file.value, [...at, ...steps]) !== undefined);
    if (layer) return placeIn(layer, below, part, layer.shared ? placeOf(own) : moved?.via);
  }
  // The entry is there because of its row; what it lacks, its template lacks.
  return placeIn(own, below, below.length === 0 ? "key" : part);
}

/** Where an entry begins. */
export function placeOf(layer: Layer): Location {
  return placeIn(layer, [], "key");
}

/** Where a layer has a value, or the nearest around it, with the row that filled it or with what it was for. */
export function placeIn({ file, at, row }: Layer, below: Path, part: "key" | "value", via?: Location): Location {
  const path = [...at, ...below];
  const written = file.locate(path, part);
  if (!row) return via ? { ...written, via } : written;
  const text = part === "key" ? path.at(-1) : valueAt(file.value, path);
  const column = typeof text === "string" ? firstPlaceholder(text, "site") : undefined;
  return column === undefined ? { ...written, via: via ?? row.locate() } : { ...row.locate(column), via: written };
}

function movedTo({ moved = [] }: Entry, path: Path): Moved | undefined {
  return moved
    .filter(({ from }) => from.every((step, index) => path[index] === step))
    .sort((a, b) => b.from.length - a.from.length)[0];
}

/** The labels of an entry, as far as they are any. */
export function labelsOf(settings: unknown): Labels {
  const { labels }: { labels?: unknown } = Object(settings);
  const members = typeof labels === "object" && labels !== null ? Object.entries(labels) : [];
  return Object.fromEntries(
    members.flatMap(([name, value]: [string, unknown]) =>
      typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? [[name, value]] : [],
    ),
  );
}
