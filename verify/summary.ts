import { count } from "../report/words.ts";
import type { ProbeResult } from "./run.ts";

/** How the probes of one replication went. */
export interface ReplicationResult {
  readonly replication: string;
  readonly passed: number;
  readonly failed: number;
  /** Of the documents that arrived, in milliseconds; undefined: none did. */
  readonly medianMs: number | undefined;
  readonly slowestMs: number | undefined;
}

/** A row for each replication, in the order in which their first probes ended; those with failures first. */
export function byReplication(results: readonly ProbeResult[]): ReplicationResult[] {
  return [...Map.groupBy(results, ({ probe }) => probe.replication)]
    .map(([replication, group]): ReplicationResult => {
      const times = group
        .filter(({ probe, passed }) => passed && probe.expected === "arrives" && probe.document !== undefined)
        .map(({ milliseconds }) => milliseconds)
        .sort((a, b) => a - b);
      const failed = group.filter(({ passed }) => !passed).length;
      const median = times[Math.floor((times.length - 1) / 2)];
      return { replication, passed: group.length - failed, failed, medianMs: median, slowestMs: times.at(-1) };
    })
    .sort((a, b) => Math.sign(b.failed) - Math.sign(a.failed));
}

/** The rows as a table for a terminal. */
export function resultTable(rows: readonly ReplicationResult[]): string {
  const ms = (time: number | undefined) => (time === undefined ? "-" : `${time} ms`);
  const cells = rows.map(({ replication, passed, failed, medianMs, slowestMs }) => [
    replication,
    String(passed),
    String(failed),
    ms(medianMs),
    ms(slowestMs),
  ]);
  const table = [["replication", "passed", "failed", "median", "slowest"], ...cells];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) =>
      row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  "),
    )
    .join("\n");
}

/** What is said while probes run and nothing has ended lately. */
export function progressText(done: number, all: number, seconds: number): string {
  const waiting = all - done;
  return `${done} of ${count(all, "probe")} ${all === 1 ? "has" : "have"} ended after ${seconds} s; ${waiting} ${waiting === 1 ? "is" : "are"} still waiting for a document or an answer`;
}

/** What is said all the time while many probes run. */
export function runText({
  done,
  failed,
  all,
  seconds,
}: {
  readonly done: number;
  readonly failed: number;
  readonly all: number;
  readonly seconds: number;
}): string {
  const left = done === 0 ? "" : `, about ${Math.round((seconds / done) * (all - done))} s left`;
  return `${done} of ${all} probes have ended after ${seconds} s${failed > 0 ? `, ${failed} of them failed` : ""}${done === all ? "" : left}`;
}
