import { createRequire } from "node:module";
import { z } from "zod";
import type { WrittenFile } from "../file/written-file.ts";
import { Finding, type Location } from "../findings/finding.ts";
import { reading } from "../rules/reading.ts";
import type { Family } from "./schema.ts";
import type { Row, SiteValue, Table } from "./table.ts";

const load = createRequire(import.meta.url);

const recordsSchema = z.array(z.object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) }));
const csvError = z.object({ message: z.string(), lines: z.number().optional() });

/** A record with the lines on which it begins and ends, from 1. */
interface Line {
  readonly cells: readonly string[];
  readonly first: number;
  readonly last: number;
}

/**
 * The rows of a CSV text (RFC 4180): its first line names the columns. A line that begins with `#` is a comment.
 * @param types what a column holds, where it is not text
 */
export function csvFile(file: string, text: string, types: NonNullable<Family["columns"]>): Table {
  const lines = text.split("\n");
  const findings: Finding[] = [];
  const note = (location: Location, what: string, fix: string) =>
    findings.push(new Finding(reading.siteTable, { path: [], what, fix, location }));
  const lineAt = (line: number): Location => ({
    file,
    line,
    column: 1,
    endColumn: Math.max(2, (lines[line - 1]?.trimEnd().length ?? 0) + 1),
  });
  const [header, ...records] = recordsOf(text, (what, line) =>
    note(
      lineAt(line),
      `is not valid CSV: ${what}`,
      "put text that contains a comma or a quote in double quotes, and double each quote inside it",
    ),
  );
  const columns = header?.cells ?? [];
  if (!header && findings.length === 0)
    note(lineAt(1), "is empty", "write the names of the columns in the first line: name,store");
  const at = ({ cells, first, last }: Line, index: number): Location =>
    first === last ? cellAt(file, lines[first - 1] ?? "", first, cells, index) : lineAt(first);
  for (const [index, column] of columns.entries()) {
    const place = header ? at(header, index) : lineAt(1);
    if (!/^[A-Za-z_][\w-]*$/.test(column))
      note(
        place,
        column === "" ? "a column has no name" : `"${column}" is not a valid column name`,
        "use letters, digits, `_` and `-`",
      );
    else if (columns.indexOf(column) !== index)
      note(place, `the column "${column}" appears twice`, "give it another name");
  }
  for (const column of Object.keys(types))
    if (header && !columns.includes(column))
      note(
        lineAt(header.first),
        `has no column "${column}", but \`columns\` gives it a type`,
        "add it, or remove the type",
      );
  const rows = records.map((line): Row => {
    if (line.cells.length !== columns.length)
      note(
        lineAt(line.first),
        `has ${line.cells.length} values for ${columns.length} columns`,
        "write one for each column; leave it empty where there is none",
      );
    const values = new Map<string, SiteValue>();
    for (const [index, column] of columns.entries()) {
      const cell = line.cells[index] ?? "";
      const value = typed(cell, types[column] ?? "text");
      if (value === undefined && cell !== "")
        note(
          at(line, index),
          `"${cell}" is not a ${types[column]}`,
          `write ${types[column] === "number" ? "digits" : "true or false"}`,
        );
      values.set(column, value);
    }
    return {
      values,
      locate: (column) => (column === undefined ? lineAt(line.first) : at(line, columns.indexOf(column))),
    };
  });
  return { file: written(file, text, columns, records, lines), rows, columns: new Set(columns), findings };
}

/** Loaded by those topologies alone that have a CSV file. */
function recordsOf(text: string, refuse: (what: string, line: number) => void): Line[] {
  const { parse }: typeof import("csv-parse/sync") = load("csv-parse/sync");
  try {
    const options = {
      bom: true,
      comment: "#",
      comment_no_infix: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    };
    return recordsSchema.parse(parse(text, options)).map(({ record, info }) => ({
      cells: record,
      first: info.lines - (record.join("").match(/\n/g)?.length ?? 0),
      last: info.lines,
    }));
  } catch (error) {
    const { message, lines = 1 } = csvError.parse(error);
    refuse(message, lines);
    return [];
  }
}

/** The value of a cell; undefined where it is empty, or no such value. */
function typed(cell: string, type: "text" | "number" | "boolean"): SiteValue {
  if (cell === "") return undefined;
  if (type === "text") return cell;
  if (type === "number") return /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(cell) ? Number(cell) : undefined;
  return cell === "true" ? true : cell === "false" ? false : undefined;
}

/** Where a cell stands in its line. */
function cellAt(file: string, text: string, line: number, cells: readonly string[], index: number): Location {
  let from = 0;
  for (const cell of cells.slice(0, index)) from = text.indexOf(",", from + asWritten(text, from, cell)) + 1;
  const cell = cells[index] ?? "";
  const begin = from + blanksAt(text, from);
  const isQuoted = text[begin] === '"';
  const start = isQuoted ? begin + 1 : begin;
  return {
    file,
    line,
    column: start + 1,
    endColumn: start + 1 + Math.max(1, cell.length + (isQuoted ? quotesIn(cell) : 0)),
  };
}

/** How many characters a cell takes from where it begins, with its quotes and the blanks before it. */
function asWritten(text: string, from: number, cell: string): number {
  const blanks = blanksAt(text, from);
  if (text[from + blanks] !== '"') return blanks + cell.length;
  return blanks + cell.length + quotesIn(cell) + 2;
}

function blanksAt(text: string, from: number): number {
  return /^\s*/.exec(text.slice(from))?.[0].length ?? 0;
}

/** Each is written twice within quotes. */
function quotesIn(cell: string): number {
  return cell.match(/"/g)?.length ?? 0;
}

/** The file as the others are, for what shows its lines. */
function written(
  file: string,
  text: string,
  columns: readonly string[],
  records: readonly Line[],
  lines: readonly string[],
): WrittenFile {
  const starts = [0];
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  const rangeOf = (row: number, column: number): readonly [number, number] | undefined => {
    const record = records[row];
    if (!record || column < 0) return undefined;
    const start = starts[record.first - 1] ?? 0;
    if (record.first !== record.last) return [start, starts[record.last] ?? text.length];
    const { column: from, endColumn = from } = cellAt(
      file,
      lines[record.first - 1] ?? "",
      record.first,
      record.cells,
      column,
    );
    return [start + from - 1, start + endColumn - 1];
  };
  const value = records.map(({ cells }) =>
    Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ""])),
  );
  return {
    file,
    text,
    value,
    findings: [],
    locate: () => ({ file, line: 1, column: 1 }),
    rangeOf: ([row, column]) => rangeOf(Number(row), columns.indexOf(String(column))),
    comments: () => [],
  };
}
