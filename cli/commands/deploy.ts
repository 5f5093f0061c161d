import { onInterruption } from "../../engine/interruption.ts";
import { projectStacks } from "../../program/stack-files.ts";
import { checkFile } from "../../topology/check.ts";
import { formatFinding, TopologyError } from "../../topology/findings/finding.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { ownershipRules } from "../../topology/rules/ownership.ts";
import { colours as pc } from "../output/colours.ts";
import { projectFolder } from "../project/project-folder.ts";
import { type Converged, converge, pendingOf, summary } from "../stacks/converge.ts";
import { environmentTopology, stacksOfTopology } from "../stacks/environment-stacks.ts";
import { limitsOf } from "../stacks/parallel-stacks.ts";
import { forgetState } from "../stacks/stack-facts.ts";
import { UsageError } from "../usage-error.ts";

/** `bigpeer deploy`: all stacks of an environment, until nothing is pending.
 * @returns 1 if a stack failed, was not started or still waits, else 0 */
export async function deploy(
  environment: string,
  options: {
    preview?: boolean;
    refresh?: boolean;
    all?: boolean;
    project?: string;
    parallel?: string;
    keepGoing?: boolean;
    json?: boolean;
  },
): Promise<number> {
  const { preview = false, refresh = false } = options;
  const limits = limitsOf(options);
  const directory = projectFolder(options.project);
  const topology = environmentTopology(environment, directory);
  const stacks = stacksOfTopology(topology, directory);
  if (stacks.length === 0)
    throw new UsageError(
      `no stack has ${topology}: set \`bigpeer:topology\` in the Pulumi.<stack>.yaml of each that does`,
    );
  const print = options.json ? console.error : console.log;
  const plan = assertShared(topology, directory, print);
  // Pulumi's SDK is most of what there is to load, and a wrong command line needs nothing of it.
  const { runStack } = await import("../../engine/run-stack.ts");
  const { begunStacks } = await import("../stacks/begun-stacks.ts");
  const all = refresh || options.all === true;
  const chosen = await begunStacks({ stacks, topology, directory, plan, all });
  for (const line of chosen.lines) print(line);
  const interruption = onInterruption(new Error("interrupted"));
  const began = performance.now();
  const operation = preview ? "preview" : "up";
  const converged = await converge({
    stacks: chosen.begun,
    woken: chosen.woken,
    limits,
    signal: interruption.requested,
    preview,
    print: (line) => print(line),
    run: async (stack, { first }) => {
      const run = await runStack({
        directory,
        stack,
        operation,
        refresh: refresh && first,
        interruption,
        onLine: (line) => print(`${pc.cyan(stack)}  ${line}`),
      });
      // A run that fails before it has written anything leaves the state as old as it was.
      if (run.error !== undefined && !preview) forgetState(stack, directory);
      return run;
    },
  });
  const begun = new Set([...converged.runs.map(({ stack }) => stack), ...converged.notBegun]);
  const idle = chosen.idle.filter((stack) => !begun.has(stack));
  if (options.json) console.log(JSON.stringify({ ...deployReport(converged), idle }, null, 2));
  else console.log(summary(converged, operation, performance.now() - began));
  return converged.done ? 0 : 1;
}

/** What is wrong with the topology alone every stack says itself; who owns what has to be settled before the first one writes.
 * @returns the plan; undefined where the topology has errors
 * @throws TopologyError if a cluster has two owners, or none */
function assertShared(topology: string, directory: string, print: (line: string) => void): Plan | undefined {
  const ids = new Set(ownershipRules.map(({ id }) => id));
  const { findings, plan } = checkFile(topology, { project: projectStacks(topology, directory) });
  const found = findings.filter(({ rule }) => ids.has(rule));
  if (found.some(({ severity }) => severity === "error")) {
    console.error("the stacks of this topology do not fit together, so nothing was written\n");
    throw new TopologyError(found);
  }
  for (const finding of found) print(formatFinding(finding));
  return plan;
}

function deployReport({ done, runs, notBegun }: Converged) {
  const stacks = runs.map((run) => {
    const { stack, changes, milliseconds, error } = run;
    return { stack, changes, milliseconds: Math.round(milliseconds), error, pending: pendingOf(run) };
  });
  return { done, stacks, notBegun };
}
