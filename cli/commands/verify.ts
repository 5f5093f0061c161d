import { writeFileSync } from "node:fs";
import { onInterruption } from "../../engine/interruption.ts";
import { callsForProbes, explainLines, placeText } from "../../explain/explain-calls.ts";
import { count } from "../../report/words.ts";
import { loadPlan } from "../../topology/check.ts";
import { runbook } from "../../topology/runbook.ts";
import type { Selection } from "../../topology/selection/selection.ts";
import { surroundingsOf } from "../../topology/selection/surroundings.ts";
import { junitOf } from "../../verify/junit.ts";
import { type ProbeResult, type VerifyOptions, type VerifyReport, verify } from "../../verify/run.ts";
import { byReplication, progressText, resultTable, runText } from "../../verify/summary.ts";
import { needKubeconfig } from "../live/need-kubeconfig.ts";
import { deadlineOf, type PeerAccessOptions, peerAccess } from "../live/peer-access.ts";
import { colours as pc } from "../output/colours.ts";
import { stacksOfTopology } from "../stacks/environment-stacks.ts";
import { planWithStacks } from "../stacks/plan-with-stacks.ts";
import { selectedOrThrow } from "../topology/selected.ts";
import { topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface VerifyCommandOptions extends Selection, PeerAccessOptions {
  readonly stack?: string;
  readonly deadline: string;
  readonly json?: boolean;
  /** File that gets the results as JUnit XML. */
  readonly junit?: string;
  /** How often, such as `5m`; undefined: once. */
  readonly every?: string;
  /** Where the metrics are served, as `host:port`. */
  readonly metrics?: string;
  /** File that gets the metrics. */
  readonly metricsFile?: string;
}

/** How long nothing may end before it is said what is waited for. */
const progressMs = 5_000;

/** Probes a deployed topology. @returns 1 if a probe failed, else 0 */
export async function verifyCommand(argument: string | undefined, options: VerifyCommandOptions): Promise<number> {
  const file = topologyFile(argument, options.stack, options);
  const { stack, kubeconfig } = options;
  const plan = planWithStacks(loadPlan(file).plan, file, process.cwd(), { stack, kubeconfig });
  const { every, metricsFile } = options;
  const [access, deadlineMs] = [peerAccess(options), deadlineOf(options.deadline)];
  const { narrowed, clusters, hasFlow } = selectedOrThrow(plan, options);
  // Nobody asks the clusters of others, nor judges the trust in them.
  const selected = narrowed ? surroundingsOf(plan, clusters) : plan;
  // Without replications there is nothing to ask a cluster.
  if (plan.replications.size > 0) await needKubeconfig(selected, options.kubeconfig);
  const common = { access, deadlineMs, signal: onInterruption(new Error("interrupted")).requested };
  const watched = { file, selection: options, stacks: stacksOf(file, options.stack), metricsFile };
  if (every !== undefined) {
    const { json, junit, metrics } = options;
    const { verifyEvery } = await import("./verify-every.ts");
    return verifyEvery(plan, { ...common, ...watched, every, metrics, json, junit });
  }
  if (options.metrics !== undefined)
    throw new UsageError(
      "--metrics shows the results of the last round: write how often a round starts, such as --every 5m",
    );
  const progress = new Progress(process.stderr);
  const told = new Set<string>();
  const asked: VerifyOptions = {
    ...common,
    plan: selected,
    only: hasFlow,
    onStart: (probes) => progress.begin(probes),
    onResult: (result) => {
      progress.ended(result.passed);
      // One fault fails many probes: its sentence is read once, and the table has the number. Nobody reads thousands of lines that say the same.
      const shown = result.passed ? !progress.many : !told.has(faultIn(result.message));
      if (!options.json && shown) progress.above(() => console.log(formatResult(result)));
      if (!result.passed) told.add(faultIn(result.message));
    },
  };
  const verified =
    metricsFile === undefined
      ? verify(asked)
      : import("./verify-every.ts").then(({ verifyMeasured }) => verifyMeasured(asked, { ...watched, metricsFile }));
  const report = await verified.finally(() => progress.stop());
  if (options.junit !== undefined) writeFileSync(options.junit, junitOf(report));
  const replications = byReplication(report.results);
  const explain = callsForProbes(report.results);
  const hints = explainLines(explain, placeText(argument, options.stack)).map((line) => `${line}\n`);
  const table = replications.length > 0 ? `\n${resultTable(replications)}\n` : "";
  console.log(
    options.json
      ? JSON.stringify({ version: 1, ...report, replications, explain }, null, 2)
      : `${table}${hints.join("")}${formatSummary(report, plan.replications.size > 0)}`,
  );
  return report.passed ? 0 : 1;
}

/** The stacks that say what is pending: those of this folder that share the topology, or the one that was named. */
function stacksOf(file: string, stack: string | undefined) {
  const project = process.cwd();
  const sharing = stacksOfTopology(file, project);
  return { project, names: sharing.length > 0 || stack === undefined ? sharing : [stack] };
}

/** From so many probes on, those that pass are counted and not listed. */
const manyProbes = 200;
const refreshMs = 500;

/**
 * Says how far a run is. With few probes, each has a line of its own, so that it is said only when nothing has ended for a while. With many, it is
 * said all the time: on a terminal in one line that changes, else at intervals.
 */
class Progress {
  readonly #to: NodeJS.WriteStream;
  readonly #began = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #all = 0;
  #done = 0;
  #failed = 0;

  constructor(to: NodeJS.WriteStream) {
    this.#to = to;
  }

  get many(): boolean {
    return this.#all > manyProbes;
  }

  begin(probes: number): void {
    this.#all = probes;
    if (probes > 0) this.#wait();
  }

  ended(passed: boolean): void {
    this.#done++;
    if (!passed) this.#failed++;
    if (!this.many) this.#wait();
  }

  /** Prints something, and the line that changes below it. */
  above(print: () => void): void {
    if (this.#inPlace) this.#to.write("\r\x1b[2K");
    print();
    if (this.#inPlace) this.#say();
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#inPlace) this.#to.write("\r\x1b[2K");
  }

  get #inPlace(): boolean {
    return this.many && this.#to.isTTY;
  }

  #wait(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#say(), this.#inPlace ? refreshMs : progressMs);
    this.#timer.unref();
  }

  #say(): void {
    const seconds = Math.round((performance.now() - this.#began) / 1000);
    const text = pc.dim(
      this.many
        ? runText({ done: this.#done, failed: this.#failed, all: this.#all, seconds })
        : progressText(this.#done, this.#all, seconds),
    );
    this.#to.write(this.#inPlace ? `\r\x1b[2K${text}` : `${text}\n`);
  }
}

/** One line: what was asked, what was seen, how long it took. */
export function formatResult({ probe, passed, milliseconds, message, next }: ProbeResult): string {
  const arrow = probe.expected === "arrives" ? "→" : "⇥";
  const sign = passed ? pc.green("✓") : pc.red("✗");
  return `${sign} ${probe.replication}: ${probe.from} ${arrow} ${probe.to}  ${probe.collection}  ${message}  ${pc.dim(`${milliseconds} ms`)}${next === undefined ? "" : `\n  ${pc.dim("next:")} ${next}`}`;
}

/** A failure without the object that was asked for: one API server that does not answer is one fault, whatever was read there. */
function faultIn(message: string): string {
  return message.replace(/^.*?( of cluster "[^"]*" cannot be read: )/, "$1");
}

/** The closing line, what fails more than once, and what could not be taken away again.
 * @param hasReplications false where the topology has none; else nothing was selected where there are no results */
export function formatSummary(
  { results, leftovers, removed = 0, trust, notCompared, paused }: Omit<VerifyReport, "authorities">,
  hasReplications = false,
): string {
  const failed = results.filter(({ passed }) => !passed).length;
  const alike = Map.groupBy(
    results.filter(({ passed }) => !passed),
    ({ message }) => faultIn(message),
  );
  const lines = [
    ...paused.map(
      (each) => `${pc.yellow("-")} ${each}: paused, so it was not verified; \`bigpeer resume ${each}\` resumes it`,
    ),
    ...[...alike.values()].flatMap((group) =>
      group.length > 1 ? [`${group.length} probes failed for the same reason: ${group[0]?.message}`] : [],
    ),
    ...trust.flatMap(({ truster, what, mend }) => [`${pc.red("✗")} ${truster} ${what}`, `  ${pc.dim("fix:")} ${mend}`]),
    ...[...Map.groupBy(notCompared, faultIn).values()].flatMap(([first, ...others]) => {
      const more = others.length === 0 ? "" : ` (and ${others.length} more for the same reason)`;
      return first === undefined ? [] : [pc.dim(`trust could not be compared: ${first}${more}`)];
    }),
    ...leftovers.map((each) => `left behind: ${each}`),
    ...(removed > 0 ? [`removed ${removed} document${removed === 1 ? "" : "s"} that a killed run had left`] : []),
  ];
  if (results.length === 0)
    return [
      ...lines,
      `nothing to verify: ${paused.length > 0 ? "what was selected is paused" : hasReplications ? "no probe belongs to what was selected" : "the topology has no replications"}`,
    ].join("\n");
  return [
    ...lines,
    ...(failed > 0 ? [`see ${runbook("documents-do-not-arrive")}`] : []),
    ...(trust.length > 0 ? [`see ${runbook("ca-not-trusted")}`] : []),
    `${results.length - failed} of ${count(results.length, "probe")} passed${failed > 0 ? `, ${failed} failed` : ""}${trust.length > 0 ? `; ${count(trust.length, "problem")} with trust` : ""}`,
  ].join("\n");
}
