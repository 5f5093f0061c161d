#!/usr/bin/env node
import { mkdirSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Command, CommanderError } from "commander";
import pc from "picocolors";
import { Engine } from "../lab/engine.ts";
import { type RunningLab, startLab } from "../lab/lab.ts";
import { LabError } from "../lab/lab-error.ts";
import { toolProgress } from "../lab/tool-progress.ts";
import { labClusters } from "../lab/topology-clusters.ts";
import { loadPlan } from "../topology/check.ts";
import { TopologyError } from "../topology/finding.ts";
import type { Plan } from "../topology/plan.ts";
import { verify } from "../verify/run.ts";
import { converge, summary } from "./converge.ts";
import { stacksOfTopology } from "./environment-stacks.ts";
import { runStack } from "./run-stack.ts";
import { topologyFile } from "./topology-file.ts";
import { formatTopology } from "./topology-table.ts";
import { UsageError } from "./usage-error.ts";
import { formatResult, formatSummary } from "./verify.ts";

/** `npm run dev`: a topology on the local lab, deployed by the real engine and verified. */
async function dev(argument: string | undefined, { once }: { once?: boolean }): Promise<number> {
  const began = performance.now();
  const file = topologyFile(
    argument === undefined || argument.endsWith(".yaml") ? argument : `topologies/${argument}.yaml`,
    undefined,
  );
  const { plan } = loadPlan(file);
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => interrupted.abort(new LabError("interrupted")));
  }
  const name = basename(file, ".yaml");
  const directory = join(process.env.BIGPEER_LAB_HOME ?? join(import.meta.dirname, "..", ".lab"), `dev-${name}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  let lab: RunningLab | undefined;
  let engine: Engine | undefined;
  try {
    lab = await startLab({
      directory: join(directory, "lab"),
      clusters: labClusters(plan),
      contract: plan.operator,
      onToolProgress: toolProgress(),
      signal: interrupted.signal,
    });
    step(`lab ready: ${lab.description.clusters.length} API server${plan.clusters.size === 1 ? "" : "s"}`, began);
    engine = new Engine({ directory: join(directory, "pulumi"), env: lab.env });
    if (!(await deploy(engine, plan, file, interrupted.signal))) return 1;
    step("deployed", began);
    interrupted.signal.throwIfAborted();
    const report = await verify({
      plan,
      access: { kubeconfig: lab.kubeconfig, reach: "cluster-ip", apis: {}, managementApis: {} },
      deadlineMs: 20_000,
      signal: interrupted.signal,
      onResult: (result) => console.log(formatResult(result)),
    });
    console.log(`\n${formatTopology(plan)}\n${formatSummary(report)}`);
    step("verified", began);
    if (!once) await stayUp(lab, plan, interrupted.signal);
    return report.passed ? 0 : 1;
  } finally {
    await engine?.interrupt();
    await lab?.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Makes the stacks of a topology and runs them until nothing is pending. */
async function deploy(engine: Engine, plan: Plan, file: string, signal: AbortSignal): Promise<boolean> {
  const directory = join(import.meta.dirname, "..");
  const configured = stacksOfTopology(file, directory);
  for (const stack of configured) await engine.init(stack);
  const stacks = configured.length > 0 ? configured : await initByCluster(engine, plan, resolve(file));
  // The Automation API looks for the CLI, and the CLI for its state, in the environment of this process.
  Object.assign(process.env, engine.env);
  const began = performance.now();
  const converged = await converge({
    stacks,
    preview: false,
    print: (line) => console.log(line),
    run: (stack) =>
      runStack({
        directory: engine.directory,
        stack,
        operation: "up",
        signal,
        onLine: (line) => console.log(`${pc.cyan(stack)}  ${line}`),
      }),
  });
  console.log(summary(converged, "up", performance.now() - began));
  return converged.done;
}

/** A topology that no stack of the project has: a stack for each that its clusters name, or one for all. */
async function initByCluster(engine: Engine, plan: Plan, topology: string): Promise<string[]> {
  const owned = Map.groupBy(plan.clusters.values(), ({ stack }) => stack ?? "dev");
  for (const [stack, clusters] of owned) {
    const names = clusters.map(({ name }) => name);
    const config = { "bigpeer:topology": topology, "bigpeer:clusters": names };
    await engine.init(stack, JSON.stringify({ config }));
  }
  return [...owned.keys()];
}

async function stayUp(lab: RunningLab, plan: Plan, signal: AbortSignal): Promise<void> {
  const context = [...plan.clusters.values()][0]?.context;
  console.log(
    `\n  export KUBECONFIG=${lab.kubeconfig}\n  kubectl --context ${context} get bigpeers -A\n\nCtrl-C ends it and removes everything.`,
  );
  await new Promise((resolve) => {
    // Something has to keep the process alive while it waits for a signal.
    const alive = setInterval(() => {}, 60_000);
    signal.addEventListener("abort", () => resolve(clearInterval(alive)), { once: true });
  });
}

function step(what: string, began: number): void {
  console.log(pc.dim(`[${((performance.now() - began) / 1000).toFixed(1)} s] ${what}`));
}

const program = new Command("dev")
  .description("Deploy a topology to a local lab with the real engine, verify it, and stay up until Ctrl-C.")
  .argument("[topology]", "topology file, or the name of one in topologies/ (default: dev)")
  .option("--once", "end after verify; exit code 0 only if every probe passed")
  .exitOverride()
  .action(async (topology, options) => {
    process.exitCode = await dev(topology, options);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof UsageError || error instanceof TopologyError || error instanceof LabError) {
    console.error(error.message);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  } else throw error;
}
