import type { WrittenFile } from "../file/written-file.ts";
import { Finding, type Path } from "../findings/finding.ts";
import { suggestion } from "../findings/suggest.ts";
import { reading } from "../rules/reading.ts";
import { type Entry, placeIn, sections } from "./entry.ts";
import type { Files } from "./files.ts";
import { firstPlaceholder } from "./placeholders.ts";
import type { Family } from "./schema.ts";
import { type Row, type Table, tablesOf } from "./table.ts";
import { type Filling, filled, filledText } from "./walk.ts";

/** What a family of sites comes to. */
export interface FamilyEntries {
  readonly tables: readonly WrittenFile[];
  readonly entries: readonly Entry[];
  readonly findings: readonly Finding[];
}

/** Every entry of a family: one for each of its templates and rows. */
export function entriesOf(name: string, family: Family, file: WrittenFile, files: Files): FamilyEntries {
  const at = ["sites", name];
  const made = tablesOf(family, file, at, files);
  const tables = made.map((table) => table.file);
  const findings = made.flatMap((table) => [...table.findings, ...unknownColumns(family, file, at, table)]);
  if (findings.length > 0) return { tables, entries: [], findings };
  const entries = made.flatMap(({ rows }) => rows.flatMap((row) => entriesOfRow(row, family, file, at, findings)));
  return { tables, entries, findings };
}

function entriesOfRow(row: Row, family: Family, file: WrittenFile, at: Path, findings: Finding[]): Entry[] {
  return sections.flatMap((section) =>
    Object.entries(family[section] ?? {}).flatMap(([written, template]): Entry[] => {
      const layer = { file, at: [...at, section, written], row };
      const filling: Filling = {
        roots: ["site"],
        lookup: (_, column) => ({ value: row.values.get(column) }),
        refuse: ({ what, fix }, path, part) => {
          const location = placeIn(layer, path.slice(2), part);
          findings.push(new Finding(reading.siteValue, { path, what, fix, location }));
        },
      };
      const name = filledText(written, [section, written], "key", "plain", filling);
      if (name === undefined) {
        const what = `the name of one of its ${section} is empty`;
        const location = placeIn(layer, [], "key");
        if (findings.every((each) => each.location?.line !== location.line))
          findings.push(new Finding(reading.siteValue, { path: at, what, fix: "fill the column in", location }));
        return [];
      }
      return [
        { section, name: String(name), value: filled(template, [section, String(name)], filling), layers: [layer] },
      ];
    }),
  );
}

/** Placeholders of columns that the table does not have. Each is told once, however many rows there are. */
function* unknownColumns(family: Family, file: WrittenFile, at: Path, table: Table): Iterable<Finding> {
  const { columns, findings, rows } = table;
  if (findings.length > 0 || (columns.size === 0 && rows.length === 0)) return;
  for (const section of sections)
    for (const { path, text, part } of textsIn(family[section] ?? {}, [...at, section])) {
      const column = unknownColumn(text, columns);
      if (column === undefined) continue;
      yield new Finding(reading.siteValue, {
        path,
        what: table.file === file ? `no row has "${column}"` : `${table.file.file} has no column "${column}"`,
        fix: suggestion(column, [...columns], "column"),
        location: file.locate(path, part),
      });
    }
}

function unknownColumn(text: string, columns: ReadonlySet<string>): string | undefined {
  for (
    let rest = text, column = firstPlaceholder(rest, "site");
    column !== undefined;
    column = firstPlaceholder(rest, "site")
  ) {
    if (!columns.has(column)) return column;
    rest = rest.replace(`{site.${column}}`, "");
  }
  return undefined;
}

/** Every text of a value, its keys among them. */
export function* textsIn(value: unknown, path: Path): Iterable<{ path: Path; text: string; part: "key" | "value" }> {
  if (typeof value === "string") yield { path, text: value, part: "value" };
  if (typeof value !== "object" || value === null) return;
  const inside = Array.isArray(value)
    ? value.map((each: unknown, index) => [index, each] as const)
    : Object.entries(value);
  for (const [key, inner] of inside) {
    if (typeof key === "string") yield { path: [...path, key], text: key, part: "key" };
    yield* textsIn(inner, [...path, key]);
  }
}
