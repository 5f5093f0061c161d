import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { type Interruption, onInterruption } from "../../engine/interruption.ts";
import { runStack } from "../../engine/run-stack.ts";
import { Engine } from "../../lab/engine.ts";
import { tryLock } from "../../lab/exclusive-lock.ts";
import { type RunningLab, startLab } from "../../lab/lab.ts";
import { LabError } from "../../lab/lab-error.ts";
import { toolProgress } from "../../lab/tool-progress.ts";
import { labClusters } from "../../lab/topology-clusters.ts";
import { type StackExports, stackExports } from "../../program/stack-exports.ts";
import { loadPlan } from "../../topology/check.ts";
import { standardInput } from "../../topology/expand/files.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { verify } from "../../verify/run.ts";
import { colours as pc } from "../output/colours.ts";
import { formatTopology } from "../output/topology-table.ts";
import { labHome, namingFolder, projectFolder } from "../project/project-folder.ts";
import { type Converged, converge, summary } from "../stacks/converge.ts";
import { initLabStacks, planForLab } from "../stacks/lab-stacks.ts";
import { defaultParallel } from "../stacks/parallel-stacks.ts";
import { namedTopology } from "../topology/topology-file.ts";
import { formatResult, formatSummary } from "./verify.ts";

/** `bigpeer dev`: a topology on the local lab, deployed by the real engine and verified.
 * @returns 1 if the deployment or a probe failed, else 0 */
export async function dev(argument: string | undefined, { once }: { once?: boolean }): Promise<number> {
  const began = performance.now();
  const project = projectFolder();
  const named = namedTopology(argument ?? "dev", namingFolder());
  const { plan: declared, text } = loadPlan(named);
  const plan = planForLab(declared);
  const interruption = onInterruption(new LabError("interrupted"));
  const { requested: signal } = interruption;
  const isPiped = named === standardInput;
  const name = isPiped ? "standard-input" : basename(named, extname(named));
  const directory = join(labHome(), `dev-${name}`);
  const lock = await tryLock(`dev ${directory}`);
  if (!lock)
    throw new LabError(`another run of \`bigpeer dev\` uses ${directory}: use that lab, or end it with Ctrl-C`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // What a run that was killed has left; the lab clears its own folder.
  rmSync(join(directory, "pulumi"), { recursive: true, force: true, maxRetries: 5 });
  // The engine's program reads a file.
  const file = isPiped ? join(directory, "topology.yaml") : named;
  if (isPiped) writeFileSync(file, text, { mode: 0o600 });
  let lab: RunningLab | undefined;
  let engine: Engine | undefined;
  try {
    lab = await startLab({
      directory: join(directory, "lab"),
      clusters: labClusters(plan),
      contract: plan.operator,
      onToolProgress: toolProgress(),
      signal,
    });
    step(`lab ready: ${plan.clusters.size} API server${plan.clusters.size === 1 ? "" : "s"}`, began);
    engine = new Engine({ directory: join(directory, "pulumi"), env: lab.env, project });
    const deployed = await deploy(engine, { plan, file, project }, interruption);
    if (!deployed.done) return 1;
    step("deployed", began);
    signal.throwIfAborted();
    const report = await verify({
      plan,
      access: { kubeconfig: lab.kubeconfig, reach: "cluster-ip", apis: {}, managementApis: {} },
      deadlineMs: 20_000,
      signal,
      onResult: (result) => console.log(formatResult(result)),
    });
    console.log(`\n${formatTopology(plan, contractsOf(deployed))}\n${formatSummary(report)}`);
    step("verified", began);
    if (!once) await stayUp(lab, plan, signal);
    return report.passed ? 0 : 1;
  } finally {
    await engine?.interrupt();
    await lab?.stop();
    // A lab that could not start has left its logs, which its message names; the next run clears them away.
    if (lab || signal.aborted) rmSync(directory, { recursive: true, force: true });
    await lock.release();
  }
}

/** Makes the stacks of a topology and runs them until nothing is pending. */
async function deploy(
  engine: Engine,
  { plan, file, project }: { plan: Plan; file: string; project: string },
  interruption: Interruption,
): Promise<Converged> {
  const stacks = await initLabStacks(engine, plan, file, project);
  // The Automation API looks for the CLI, and the CLI for its state, in the environment of this process.
  Object.assign(process.env, engine.env);
  const began = performance.now();
  const converged = await converge({
    stacks,
    limits: { parallel: defaultParallel(), keepGoing: false },
    signal: interruption.requested,
    preview: false,
    print: (line) => console.log(line),
    run: (stack) =>
      runStack({
        directory: engine.directory,
        stack,
        operation: "up",
        refresh: false,
        interruption,
        onLine: (line) => console.log(`${pc.cyan(stack)}  ${line}`),
      }),
  });
  console.log(summary(converged, "up", performance.now() - began));
  return converged;
}

/** What the stacks say of themselves: the addresses and IDs that no plan knows. */
function contractsOf({ runs }: Converged): StackExports[] {
  return runs.flatMap(({ outputs }) => {
    const parsed = stackExports.safeParse(outputs.topology);
    return parsed.success ? [parsed.data] : [];
  });
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
