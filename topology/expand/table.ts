import { dirname, join } from "node:path";
import { maxBytes, notText, parseText, unreadableFile, type WrittenFile } from "../file/written-file.ts";
import { Finding, type Location, type Path } from "../findings/finding.ts";
import { reading } from "../rules/reading.ts";
import { csvFile } from "./csv.ts";
import type { Files } from "./files.ts";
import { members } from "./merge.ts";
import { hasPlaceholder } from "./placeholders.ts";
import type { Family } from "./schema.ts";

/** A value of a site. What is empty is undefined: a setting that is nothing but such a value is left out. */
export type SiteValue = string | number | boolean | undefined;

/** One site of a family. */
export interface Row {
  readonly values: ReadonlyMap<string, SiteValue>;
  /** Where the row stands, or its value in a column. */
  locate(column?: string): Location;
}

export interface Table {
  /** The file that holds the rows. */
  readonly file: WrittenFile;
  readonly rows: readonly Row[];
  /** Every column that a row has. */
  readonly columns: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** The rows of a family, from the files that it names or from itself. @param at where the family is */
export function tablesOf(family: Family, written: WrittenFile, at: Path, files: Files): readonly Table[] {
  const { table, rows, columns = {} } = family;
  if ((table === undefined) === (rows === undefined))
    return [
      without(
        written,
        new Finding(reading.siteTable, {
          path: at,
          what: table === undefined ? "has no rows" : "has both `table` and `rows`",
          fix: "write `table: <file>` for rows in a file of their own, or `rows` for a list of them here",
          location: written.locate([...at, "rows"], "key"),
        }),
      ),
    ];
  if (rows) return [rowsOf(written, [...at, "rows"])];
  if (typeof table === "string") return [tableIn(table, written, [...at, "table"], columns, files)];
  return (table ?? []).map((name, index) => tableIn(name, written, [...at, "table", index], columns, files));
}

function tableIn(
  named: string,
  written: WrittenFile,
  path: Path,
  types: NonNullable<Family["columns"]>,
  files: Files,
): Table {
  const location = written.locate(path);
  const name = join(dirname(written.file), named);
  if (files.isOutside(name) || /^(?:\/|[A-Za-z]:)/.test(named)) {
    const what = `${named} is outside the repository`;
    const why = "nobody who reviews this repository sees what changes there";
    const fix = "keep the table in the repository, and name it from the folder of this file";
    return without(written, new Finding(reading.wrongInclude, { path, what, why, fix, location }));
  }
  const read = files.read(name);
  if (!read.bytes) {
    const what = `the table ${name} cannot be read: ${read.problem}`;
    const fix = "name a file from the folder of this one";
    return without(written, new Finding(reading.unreadable, { path, what, fix, location }));
  }
  const refused = notText(name, read.bytes) ?? tooLarge(name, read.bytes);
  if (refused) return { file: refused, rows: [], columns: new Set(), findings: refused.findings };
  const text = read.bytes.toString();
  return /\.ya?ml$|\.json$/i.test(name) ? rowsOf(parseText(name, text), []) : judged(csvFile(name, text, types));
}

/** More rows than sites that anybody declares; what is larger is refused before it is taken apart. */
const maxRows = 20_000;

function tooLarge(name: string, bytes: Buffer): WrittenFile | undefined {
  const rows = bytes.reduce((count, byte) => (byte === 10 ? count + 1 : count), 0);
  if (rows <= maxRows && bytes.length <= maxBytes) return undefined;
  return unreadableFile(name, "", {
    what: `has more than ${maxRows} lines or ${maxBytes} bytes`,
    why: "a table like that is an accident or an attack, and reading it would take all memory",
    fix: "split the topology into several",
  });
}

function without(file: WrittenFile, finding: Finding): Table {
  return { file, rows: [], columns: new Set(), findings: [finding] };
}

/** The rows of a list of mappings. */
function rowsOf(file: WrittenFile, at: Path): Table {
  if (file.findings.length > 0) return { file, rows: [], columns: new Set(), findings: file.findings };
  const findings: Finding[] = [];
  const note = (path: Path, what: string, fix: string) =>
    findings.push(new Finding(reading.siteTable, { path, what, fix, location: file.locate(path) }));
  const list = at.reduce<unknown>((value, step) => Reflect.get(Object(value), step), file.value);
  if (!Array.isArray(list)) note(at, "is not a list of sites", "write a list: `- { name: shop-1, store: s-1 }`");
  const rows = (Array.isArray(list) ? list : []).flatMap((each: unknown, index): Row[] => {
    const path = [...at, index];
    if (typeof each !== "object" || each === null || Array.isArray(each)) {
      note(path, "is not a mapping of the site's values", "write `- { name: shop-1, store: s-1 }`");
      return [];
    }
    const values = new Map<string, SiteValue>();
    for (const [column, value] of members(each)) {
      if (value === null) values.set(column, undefined);
      else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
        values.set(column, value);
      else note([...path, column], "is not a single value", "write text, a number, true or false");
    }
    return [{ values, locate: (column) => file.locate(column === undefined ? path : [...path, column]) }];
  });
  return judged({ file, rows, columns: new Set(rows.flatMap(({ values }) => [...values.keys()])), findings });
}

/** What stands in a table is data: it never says what else is to be put in. */
function judged(table: Table): Table {
  const findings = table.rows.flatMap(({ values, locate }) =>
    [...values].flatMap(([column, value]) =>
      typeof value === "string" && hasPlaceholder(value)
        ? [
            new Finding(reading.siteTable, {
              path: [],
              what: `"${value}" has a placeholder, but a table contains only values`,
              fix: "write the value itself",
              location: locate(column),
            }),
          ]
        : [],
    ),
  );
  return { ...table, findings: [...table.findings, ...findings] };
}
