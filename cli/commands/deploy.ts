import { type Interruption, onInterruption } from "../../engine/interruption.ts";
import { projectStacks } from "../../program/stack-files.ts";
import { type OwningStack, orderStacks } from "../../runners/stack-order.ts";
import { type Wave, wavesOf } from "../../runners/waves.ts";
import { type Checked, checkFile } from "../../topology/check.ts";
import { findingTexts, TopologyError } from "../../topology/findings/finding.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { ownershipRules } from "../../topology/rules/ownership.ts";
import { runbook } from "../../topology/runbook.ts";
import { isNarrowed, type Selection } from "../../topology/selection/selection.ts";
import { needKubeconfig } from "../live/need-kubeconfig.ts";
import { deadlineOf, type PeerAccessOptions, peerAccess } from "../live/peer-access.ts";
import type { Progress } from "../progress/deploy-events.ts";
import { JsonLines } from "../progress/json-lines.ts";
import { PlainLines, wavesText } from "../progress/plain-lines.ts";
import { TerminalProgress } from "../progress/terminal.ts";
import { projectFolder } from "../project/project-folder.ts";
import { withKubeconfigs } from "../stacks/configured-kubeconfigs.ts";
import { type Converged, endsByItself, pendingOf, summary } from "../stacks/converge.ts";
import { convergence } from "../stacks/convergence.ts";
import { neededStacks } from "../stacks/missing-stacks.ts";
import { ownersOrThrow, owningStacks } from "../stacks/owning-stacks.ts";
import { type Limits, limitsOf } from "../stacks/parallel-stacks.ts";
import { environmentTopology } from "../topology/environment-topology.ts";
import { selectedOrThrow } from "../topology/selected.ts";
import { runWaves } from "../waves/run-waves.ts";
import { assertKnownLabels, wavesOfFlags } from "../waves/wave-flags.ts";
import { wavesReport, wavesSummary } from "../waves/waves-report.ts";

interface DeployOptions extends Selection, PeerAccessOptions {
  readonly preview?: boolean;
  readonly refresh?: boolean;
  /** Also start the stacks that need nothing. */
  readonly all?: boolean;
  readonly project?: string;
  readonly parallel?: string;
  readonly keepGoing?: boolean;
  readonly json?: boolean;
  readonly events?: boolean;
  /** In place of those of the file. */
  readonly wave?: readonly string[];
  /** False: all stacks at once. */
  readonly waves?: boolean;
  /** False: nobody looks at the clusters before a wave. */
  readonly check?: boolean;
  /** False: nobody verifies after a wave. */
  readonly verify?: boolean;
  readonly deadline: string;
}

/** The stacks of an environment that are to be run, and how. */
interface Deployment {
  readonly directory: string;
  readonly topology: string;
  readonly checked: Checked;
  /** All that are to be run. */
  readonly stacks: readonly string[];
  readonly limits: Limits;
  readonly interruption: Interruption;
  readonly progress: Progress;
  readonly options: DeployOptions;
}

/** `bigpeer deploy`: the stacks of an environment, until nothing is pending; wave by wave, where there are any.
 * @returns 1 if a stack or the verification of a wave failed, or a stack was not started or still waits, else 0 */
export async function deploy(environment: string, options: DeployOptions): Promise<number> {
  const limits = limitsOf(options);
  const flagged = wavesOfFlags(options.wave ?? []);
  const directory = projectFolder(options.project);
  const topology = environmentTopology(environment, directory);
  const all = neededStacks(topology, directory);
  const print = options.json || options.events ? console.error : console.log;
  const checked = checkFile(topology, { project: projectStacks(topology, directory) });
  assertShared(checked, print);
  const { plan } = checked;
  // Whatever is wrong with the topology each stack says itself, but nobody knows what would be selected, or in which waves.
  if (!plan && (isNarrowed(options) || flagged.length > 0)) throw new TopologyError(checked.findings);
  if (plan) assertKnownLabels(plan, options.wave ?? []);
  const owning = plan ? owningStacks(plan, topology, directory) : [];
  const selected = plan && isNarrowed(options) ? ownersOrThrow(selectedOrThrow(plan, options), owning) : undefined;
  const stacks = selected?.map(({ name }) => name) ?? all;
  const declared = options.waves === false ? [] : flagged.length > 0 ? flagged : (plan?.waves ?? []);
  const waves = plan && declared.length > 0 ? wavesOf(plan, inOrder(plan, owning, stacks), declared) : [];
  const progress = progressFor(options, limits, print);
  const interruption = onInterruption(new Error("interrupted"));
  const deployment = { directory, topology, checked, stacks, limits, interruption, progress, options };
  try {
    if (plan && waves.length > 0 && !options.preview) return await inWaves(deployment, plan, owning, waves);
    if (waves.length > 0) print(wavesText(waves));
    return await atOnce(deployment, print);
  } finally {
    progress.stop();
  }
}

/** Those that are to be run, in the order of who dials whom. */
function inOrder(plan: Plan, owning: readonly OwningStack[], chosen: readonly string[]): OwningStack[] {
  const ordered = orderStacks(
    plan,
    owning.filter(({ name }) => chosen.includes(name)),
  );
  return ordered.flatMap(({ name }) => owning.find((each) => each.name === name) ?? []);
}

/** A preview is read for its resources, so a terminal gets a line for each of them, too. */
function progressFor(
  { json, events, preview }: DeployOptions,
  { parallel }: Limits,
  print: (line: string) => void,
): Progress {
  if (events) return new JsonLines((line) => console.log(line));
  const { stdout } = process;
  return stdout.isTTY && !json && !preview ? new TerminalProgress(stdout, parallel) : new PlainLines(print);
}

/** All stacks, without waves. */
async function atOnce(deployment: Deployment, print: (line: string) => void): Promise<number> {
  const { stacks, options, progress } = deployment;
  const operation = options.preview ? "preview" : "up";
  const began = performance.now();
  const quiet = options.events || progress instanceof TerminalProgress;
  const { begunStacks } = await import("../stacks/begun-stacks.ts");
  const { topology, directory, checked } = deployment;
  const all = options.refresh === true || options.all === true;
  const chosen = await begunStacks({ stacks, topology, directory, plan: checked.plan, all });
  for (const line of chosen.lines) print(line);
  if (progress instanceof TerminalProgress) progress.begin(chosen.begun);
  const run = await convergence(engineOf(deployment), quiet ? () => {} : print);
  const converged = await run(chosen.begun, undefined, { woken: chosen.woken });
  progress.stop();
  const begun = new Set([...converged.runs.map(({ stack }) => stack), ...converged.notBegun]);
  const report = { ...deployReport(converged), idle: chosen.idle.filter((stack) => !begun.has(stack)) };
  if (progress instanceof JsonLines) progress.end(report);
  else if (options.json) console.log(JSON.stringify(report, null, 2));
  else
    console.log(
      [
        summary(converged, operation, performance.now() - began),
        ...nextStep(converged.done, converged.runs, deployment),
      ].join("\n"),
    );
  return converged.done ? 0 : 1;
}

/** What comes after a run that has succeeded; one that has not says in each line what to do. */
function nextStep(done: boolean, runs: Converged["runs"], { topology, options }: Deployment): string[] {
  if (!done) {
    const waits = runs.some((run) => run.error === undefined && pendingOf(run).length > 0);
    return waits ? [`see ${runbook("update-pending")}`] : [];
  }
  return [`next: npx bigpeer ${options.preview ? "deploy" : "verify"} ${topology}`];
}

async function inWaves(
  deployment: Deployment,
  plan: Plan,
  owning: readonly OwningStack[],
  waves: readonly Wave[],
): Promise<number> {
  const { directory, topology, stacks, limits, interruption, progress, options } = deployment;
  const began = performance.now();
  const verify =
    options.verify === false ? undefined : { access: peerAccess(options), deadlineMs: deadlineOf(options.deadline) };
  const reached = withKubeconfigs(plan, owning, { given: options.kubeconfig, directory });
  if (verify || options.check !== false) await needKubeconfig(reached, options.kubeconfig);
  const run = await convergence(engineOf(deployment), () => {});
  const outside = owning.map(({ name }) => name).filter((name) => !stacks.includes(name));
  const { LiveWork } = await import("../waves/live-work.ts");
  const work = new LiveWork({
    ...{ plan: reached, declared: plan, topology, directory, stacks: owning, limits, progress, verify },
    signal: interruption.requested,
    check: options.check !== false,
    refresh: options.refresh === true || options.all === true,
    converge: (names, wave, { before, later }) =>
      run(names, wave.name, { before, later: new Set([...later, ...outside]) }),
  });
  progress.on({ event: "waves", waves: waves.map((wave) => ({ ...wave, stacks: [...wave.stacks] })) });
  const ends = await runWaves({
    waves,
    work,
    signal: interruption.requested,
    onStart: ({ name }, names) => progress.on({ event: "wave", wave: name, state: "started", stacks: [...names] }),
    onEnd: ({ wave, state, failed }) =>
      progress.on({ event: "wave", wave: wave.name, state, ...(failed ? { at: failed.at } : {}) }),
  });
  progress.stop();
  // A stack may have waited for one that is not selected.
  const last = new Map(ends.flatMap(({ runs }) => runs.map((each) => [each.stack, each] as const)));
  const pending = [...last.values()].some((each) => !pendingOf(each).every(endsByItself));
  const done = ends.every(({ state }) => state === "done" || state === "unchanged") && !pending;
  if (progress instanceof JsonLines) progress.end(wavesReport(ends, done));
  else if (options.json) console.log(JSON.stringify(wavesReport(ends, done), null, 2));
  else console.log(wavesSummary(ends, performance.now() - began));
  return done ? 0 : 1;
}

function engineOf({ directory, limits, interruption, progress, options }: Deployment) {
  const { preview = false, refresh = false } = options;
  return { directory, limits, interruption, progress, preview, refresh };
}

/** What is wrong with the topology alone every stack says itself; who owns what has to be settled before the first one writes.
 * @throws TopologyError if a cluster has two owners, or none */
function assertShared({ findings }: Checked, print: (line: string) => void): void {
  const ids = new Set(ownershipRules.map(({ id }) => id));
  const found = findings.filter(({ rule }) => ids.has(rule));
  if (found.some(({ severity }) => severity === "error")) {
    console.error("the stacks of this topology do not fit together, so nothing was written\n");
    throw new TopologyError(found);
  }
  for (const text of findingTexts(found)) print(text);
}

function deployReport({ done, runs, notBegun }: Converged) {
  const stacks = runs.map((run) => {
    const { stack, changes, milliseconds, error } = run;
    return { stack, changes, milliseconds: Math.round(milliseconds), error, pending: pendingOf(run) };
  });
  return { done, stacks, notBegun };
}
