import { existsSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { count } from "../../report/words.ts";
import { checkFile } from "../../topology/check.ts";
import { topologyName } from "../../topology/monitoring/metrics.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { type Selection, selectedIn } from "../../topology/selection/selection.ts";
import { junitOf } from "../../verify/junit.ts";
import type { VerifyOptions, VerifyReport } from "../../verify/run.ts";
import { byReplication } from "../../verify/summary.ts";
import { exposition } from "../../watch/exposition.ts";
import { secondsIn } from "../../watch/interval.ts";
import { isAlive, watchLoop } from "../../watch/loop.ts";
import { replaceFile } from "../../watch/metrics-file.ts";
import { observeRound, type Round, type WatchedStacks } from "../../watch/round.ts";
import { samplesOf, type Watched } from "../../watch/samples.ts";
import { listeningAt, type MetricsServer, serveMetrics } from "../../watch/server.ts";
import { afterRound, initialState, type WatchState } from "../../watch/state.ts";
import { readPackage } from "../project/package-folder.ts";
import { UsageError } from "../usage-error.ts";
import { formatResult } from "./verify.ts";

interface WatchOptions extends Pick<VerifyOptions, "access" | "deadlineMs"> {
  /** The topology file; it is read again before each round. */
  readonly file: string;
  readonly selection: Selection;
  readonly stacks: WatchedStacks;
  readonly every: string;
  readonly metrics: string | undefined;
  readonly metricsFile: string | undefined;
  readonly json: boolean | undefined;
  readonly junit: string | undefined;
  readonly signal: AbortSignal;
}

/** Verifies again and again until the signal, and shows as metrics what the last round has seen. @returns 0
 * @throws UsageError if the metrics cannot be shown as asked */
export async function verifyEvery(first: Plan, options: WatchOptions): Promise<number> {
  const { file, every, metricsFile, signal } = options;
  const intervalSeconds = secondsIn(every);
  if (intervalSeconds === undefined)
    throw new UsageError(`--every ${every}: write a duration such as 30s, 5m or 1h30m, of at most 23d`);
  if (metricsFile !== undefined) needFolder(metricsFile);
  const watched = watchedAs(file);
  let [plan, state, lastEnd] = [first, initialState(intervalSeconds), new Date()];
  const server = await serve(options.metrics, {
    metrics: (format) => exposition(samplesOf(watched, state), format),
    healthy: () => isAlive(intervalSeconds, lastEnd),
    ready: () => state.rounds.passed + state.rounds.failed + state.rounds.error > 0,
  });
  try {
    const { last } = await watchLoop({
      intervalSeconds,
      signal,
      round: ({ last }) => {
        // While the file is being edited it may have errors: what was declared before them is watched on.
        plan = checkFile(file).plan ?? plan;
        const { access, deadlineMs, stacks, selection } = options;
        const only = selectedIn(plan, selection).hasFlow;
        return observeRound({ plan, access, deadlineMs, stacks, only, signal, left: last?.left });
      },
      onState: (next, error) => {
        [state, lastEnd] = [next, new Date()];
        say(state, error, options);
        if (metricsFile !== undefined) keepGoing(() => write(metricsFile, watched, state));
      },
    });
    for (const { collection, id, peer } of last?.left ?? [])
      console.error(`left behind: document ${id} of ${collection} on ${peer}`);
  } finally {
    await server?.close();
  }
  return 0;
}

/** Verifies once, and writes as metrics what was seen.
 * @throws UsageError if the file cannot be written */
export async function verifyMeasured(
  asked: VerifyOptions,
  { file, stacks, metricsFile }: Pick<WatchOptions, "file" | "stacks"> & { readonly metricsFile: string },
): Promise<VerifyReport> {
  needFolder(metricsFile);
  const round = await observeRound({ ...asked, stacks });
  // A probe that was given up says nothing about its link.
  if (!asked.signal?.aborted) write(metricsFile, watchedAs(file), afterRound(initialState(undefined), round));
  return round.report;
}

function watchedAs(file: string): Watched {
  return { topology: topologyName(basename(file)), version: readPackage().version };
}

function needFolder(file: string): void {
  if (!existsSync(dirname(file))) throw new UsageError(`--metrics-file ${file}: there is no folder ${dirname(file)}`);
}

function write(file: string, watched: Watched, state: WatchState): void {
  try {
    // The textfile collector reads no OpenMetrics.
    replaceFile(file, exposition(samplesOf(watched, state), "prometheus"));
  } catch (error) {
    throw new UsageError(`--metrics-file ${file} cannot be written: ${messageOf(error)}`);
  }
}

async function serve(at: string | undefined, shown: Parameters<typeof serveMetrics>[1]) {
  if (at === undefined) return undefined;
  const listening = listeningAt(at);
  if (listening === undefined)
    throw new UsageError(`--metrics ${at}: write host:port, or :port for every address of this machine, such as :9464`);
  const server: MetricsServer = await serveMetrics(listening, shown).catch((error: unknown) => {
    throw new UsageError(`--metrics ${at}: ${messageOf(error)}`);
  });
  const host = at.slice(0, at.lastIndexOf(":"));
  console.error(`metrics at http://${host === "" ? "localhost" : host}:${server.port}/metrics`);
  return server;
}

/** A line for each round, and before it what has failed. */
function say(state: WatchState, error: unknown, { json, junit }: WatchOptions): void {
  const { last } = state;
  if (error !== undefined || !last) {
    console.error(`${new Date().toISOString()} the round could not be carried out: ${messageOf(error)}`);
    return;
  }
  if (junit !== undefined) keepGoing(() => writeFileSync(junit, junitOf(last.report)));
  console.log(json ? jsonOf(last) : formatRound(last));
}

/** The report of `verify --json` in one line, with what a round sees beside it. */
function jsonOf({ ended, seconds, report, objects, pending }: Round): string {
  const replications = byReplication(report.results);
  return JSON.stringify({ version: 1, ended, seconds, ...report, replications, objects, pending });
}

/** The failing probes of a round, each reason once, and how it went as a whole. */
function formatRound({ ended, seconds, report, objects, pending, left }: Round): string {
  const failed = report.results.filter(({ passed }) => !passed);
  const alike = Map.groupBy(failed, ({ message }) => message);
  const drifted = objects.reduce((sum, each) => sum + each.drifted, 0);
  const unreadable = objects.reduce((sum, each) => sum + each.unreadable, 0);
  const counts = [
    `${report.results.length - failed.length} of ${count(report.results.length, "probe")} passed in ${seconds.toFixed(1)} s`,
    ...(report.trust.length > 0 ? [`${count(report.trust.length, "problem")} with trust`] : []),
    ...(drifted > 0 ? [`${count(drifted, "object")} not as declared`] : []),
    ...(unreadable > 0 ? [`${count(unreadable, "object")} not readable`] : []),
    ...(pending && !("unreadable" in pending) && pending.length > 0
      ? [`${count(pending.length, "step")} pending`]
      : []),
    ...(left.length > 0 ? [`${count(left.length, "probe document")} to be deleted later`] : []),
  ];
  return [
    ...[...alike.values()].flatMap(([first, ...others]) =>
      first
        ? [`${formatResult(first)}${others.length > 0 ? `\n  ${others.length} more failed for the same reason` : ""}`]
        : [],
    ),
    ...report.trust.map(({ truster, what }) => `${truster} ${what}`),
    ...(pending && "unreadable" in pending ? [`what is pending is not known: ${pending.unreadable}`] : []),
    `${ended.toISOString()} ${counts.join(", ")}`,
  ].join("\n");
}

/** What cannot be written now may be written after the next round. */
function keepGoing(action: () => void): void {
  try {
    action();
  } catch (error) {
    console.error(messageOf(error));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
