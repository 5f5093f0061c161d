/** The report: one table for people, the same as JSON for comparison. */
import { type JudgedFigure, median, type Series, type Unit } from "./figure.ts";
import type { Machine } from "./machine.ts";

export interface Report {
  readonly machine: Machine;
  /** Small sizes and few runs: good for a look, not for a comparison. */
  readonly quick: boolean;
  readonly figures: readonly JudgedFigure[];
  /** What could not be measured, and why. */
  readonly missing: readonly { readonly part: string; readonly what: string; readonly why: string }[];
}

export function markdown({ machine, quick, figures, missing }: Report): string {
  const rows = figures.map((figure) => [
    figure.part,
    figure.name,
    figure.subject.name,
    shown(figure.subject, figure.unit),
    figure.floor?.name ?? "-",
    figure.floor ? shown(figure.floor, figure.unit) : "-",
    figure.ratio === undefined ? "-" : `${figure.ratio.toFixed(2)}x`,
    barText(figure),
    figure.reached === undefined ? "" : figure.reached ? "yes" : "NO",
  ]);
  const head = [
    "part",
    "figure",
    "measured",
    "median (least-most)",
    "against",
    "median (least-most)",
    "ratio",
    "bar",
    "reached",
  ];
  const notes = figures.flatMap(({ part, name, note }) => (note ? [`- ${part}, ${name}: ${note}`] : []));
  const gaps = missing.map(({ part, what, why }) => `- ${part}: ${what} was not measured: ${why}`);
  return [
    `# Benchmark${quick ? ", quick (small sizes, few runs, bars doubled: no comparison)" : ""}`,
    "",
    ...machineLines(machine),
    "",
    table([head, ...rows]),
    ...(notes.length > 0 ? ["", ...notes] : []),
    ...(gaps.length > 0 ? ["", ...gaps] : []),
    "",
  ].join("\n");
}

function machineLines({ processors, model, memoryGiB, kernel, date, commit, load, versions }: Machine): string[] {
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}, commit ${commit}, load before the first run ${load.before.toFixed(1)}, after the last ${load.after.toFixed(1)}.`,
    `${processors} processors (${model}), ${memoryGiB} GiB, Linux ${kernel}; ${programs.join(", ")}.`,
  ];
}

function shown({ values }: Series, unit: Unit): string {
  const one = (value: number) => (unit === "ms" ? value.toFixed(value < 10 ? 1 : 0) : value.toFixed(0));
  const text = `${one(median(values))} ${unit}`;
  return values.length > 1
    ? `${text} (${one(Math.min(...values))}-${one(Math.max(...values))}, ${values.length})`
    : text;
}

function barText({ bar, unit }: JudgedFigure): string {
  if (!bar) return "-";
  return [
    ...(bar.limit === undefined ? [] : [`<= ${bar.limit} ${unit}`]),
    ...(bar.ratio === undefined ? [] : [`<= ${bar.ratio}x`]),
  ].join(", ");
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)].join("\n");
}
