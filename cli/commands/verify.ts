import { writeFileSync } from "node:fs";
import { loadPlan } from "../../topology/check.ts";
import type { ApiVersion } from "../../verify/document-api.ts";
import { junitOf } from "../../verify/junit.ts";
import { type ProbeResult, type VerifyOptions, type VerifyReport, verify } from "../../verify/run.ts";
import { type Selection, selected, unknownNames } from "../../verify/selection.ts";
import { byReplication, progressText, resultTable } from "../../verify/summary.ts";
import { needKubeconfig } from "../live/need-kubeconfig.ts";
import { tokenOwner } from "../live/token-owner.ts";
import { colours as pc } from "../output/colours.ts";
import { stacksOfTopology } from "../stacks/environment-stacks.ts";
import { topologyFile } from "../topology/topology-file.ts";
import { UsageError } from "../usage-error.ts";

interface VerifyCommandOptions extends Selection {
  readonly stack?: string;
  readonly kubeconfig?: string;
  readonly reach: string;
  readonly api: Record<string, string>;
  readonly managementApi: Record<string, string>;
  readonly managementToken?: string;
  readonly apiVersion?: ApiVersion;
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
  const file = topologyFile(argument, options.stack);
  const { plan } = loadPlan(file);
  const { reach, every, metricsFile } = options;
  if (reach !== "port-forward" && reach !== "cluster-ip")
    throw new UsageError(`--reach ${reach}: write port-forward or cluster-ip`);
  const seconds = Number(options.deadline);
  if (!(seconds > 0)) throw new UsageError(`--deadline ${options.deadline}: write a number of seconds`);
  const unknown = unknownNames(plan, options);
  if (unknown.length > 0) throw new UsageError(unknown.join("\n"));
  // Without replications there is nothing to ask a cluster.
  if (plan.replications.size > 0) await needKubeconfig(plan, options.kubeconfig);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort(new Error("interrupted"));
  // Not once: the terminal and npm each send one, and the second would end it before it has cleaned up.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  const access = {
    kubeconfig: options.kubeconfig,
    reach,
    apis: options.api,
    managementApis: options.managementApi,
    managementToken: tokenOwner(options.managementToken),
    apiVersion: options.apiVersion,
  } as const;
  const common = { access, deadlineMs: seconds * 1000, signal: interrupted.signal };
  const watched = { file, selection: options, stacks: stacksOf(file, options.stack), metricsFile };
  if (every !== undefined) {
    const { json, junit, metrics } = options;
    const { verifyEvery } = await import("./verify-every.ts");
    return verifyEvery(plan, { ...common, ...watched, every, metrics, json, junit });
  }
  if (options.metrics !== undefined)
    throw new UsageError(
      "--metrics shows what the last round has seen: write how often there is one, such as --every 5m",
    );
  const progress = new Progress((text) => console.error(pc.dim(text)));
  const told = new Set<string>();
  const asked: VerifyOptions = {
    ...common,
    plan,
    only: selected(plan, options),
    onStart: (probes) => progress.begin(probes),
    onResult: (result) => {
      progress.ended();
      // One fault fails many probes: its sentence is read once, and the table has the number.
      if (!options.json && (result.passed || !told.has(result.message))) console.log(formatResult(result));
      if (!result.passed) told.add(result.message);
    },
  };
  const verified =
    metricsFile === undefined
      ? verify(asked)
      : import("./verify-every.ts").then(({ verifyMeasured }) => verifyMeasured(asked, { ...watched, metricsFile }));
  const report = await verified.finally(() => progress.stop());
  if (options.junit !== undefined) writeFileSync(options.junit, junitOf(report));
  const replications = byReplication(report.results);
  const table = replications.length > 0 ? `\n${resultTable(replications)}\n` : "";
  console.log(
    options.json
      ? JSON.stringify({ version: 1, ...report, replications }, null, 2)
      : `${table}${formatSummary(report, plan.replications.size > 0)}`,
  );
  return report.passed ? 0 : 1;
}

/** The stacks that say what is pending: those of this folder that share the topology, or the one that was named. */
function stacksOf(file: string, stack: string | undefined) {
  const project = process.cwd();
  const sharing = stacksOfTopology(file, project);
  return { project, names: sharing.length > 0 || stack === undefined ? sharing : [stack] };
}

/** Says at intervals how far a run is, as long as nothing has ended since. */
class Progress {
  readonly #say: (text: string) => void;
  readonly #began = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #all = 0;
  #done = 0;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  begin(probes: number): void {
    this.#all = probes;
    if (probes > 0) this.#wait();
  }

  ended(): void {
    this.#done++;
    this.#wait();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #wait(): void {
    this.stop();
    const seconds = () => Math.round((performance.now() - this.#began) / 1000);
    this.#timer = setInterval(() => this.#say(progressText(this.#done, this.#all, seconds())), progressMs);
    this.#timer.unref();
  }
}

/** One line: what was asked, what was seen, how long it took. */
export function formatResult({ probe, passed, milliseconds, message, next }: ProbeResult): string {
  const arrow = probe.expected === "arrives" ? "→" : "⇥";
  const sign = passed ? pc.green("✓") : pc.red("✗");
  return `${sign} ${probe.replication}: ${probe.from} ${arrow} ${probe.to}  ${probe.collection}  ${message}  ${pc.dim(`${milliseconds} ms`)}${next === undefined ? "" : `\n  ${pc.dim("next:")} ${next}`}`;
}

/** The closing line, what fails more than once, and what could not be taken away again.
 * @param hasReplications false where the topology has none; else nothing was selected where there are no results */
export function formatSummary(
  { results, leftovers, trust, notCompared }: Omit<VerifyReport, "authorities">,
  hasReplications = false,
): string {
  const failed = results.filter(({ passed }) => !passed).length;
  const alike = Map.groupBy(
    results.filter(({ passed }) => !passed),
    ({ message }) => message,
  );
  const lines = [
    ...[...alike].flatMap(([message, { length }]) => (length > 1 ? [`${length} probes failed alike: ${message}`] : [])),
    ...trust.flatMap(({ truster, what, mend }) => [`${pc.red("✗")} ${truster} ${what}`, `  ${pc.dim("fix:")} ${mend}`]),
    ...notCompared.map((each) => pc.dim(`not compared with the trust in it: ${each}`)),
    ...leftovers.map((each) => `left behind: ${each}`),
  ];
  if (results.length === 0)
    return [
      ...lines,
      `nothing to verify: ${hasReplications ? "no probe is of what was selected" : "the topology has no replications"}`,
    ].join("\n");
  return [
    ...lines,
    `${results.length - failed} of ${results.length} probes passed${failed > 0 ? `, ${failed} failed` : ""}${trust.length > 0 ? `; ${trust.length} without trust in each other` : ""}`,
  ].join("\n");
}
