import { onInterruption } from "../../engine/interruption.ts";
import { projectStacks } from "../../program/stack-files.ts";
import { checkFile } from "../../topology/check.ts";
import { formatFinding, TopologyError } from "../../topology/findings/finding.ts";
import { ownershipRules } from "../../topology/rules/ownership.ts";
import { runbook } from "../../topology/runbook.ts";
import { colours as pc } from "../output/colours.ts";
import { projectFolder } from "../project/project-folder.ts";
import { type Converged, converge, pendingOf, summary } from "../stacks/converge.ts";
import { neededStacks } from "../stacks/missing-stacks.ts";
import { limitsOf } from "../stacks/parallel-stacks.ts";
import { environmentTopology } from "../topology/environment-topology.ts";

/** `bigpeer deploy`: all stacks of an environment, until nothing is pending.
 * @returns 1 if a stack failed, was not started or still waits, else 0 */
export async function deploy(
  environment: string,
  options: {
    preview?: boolean;
    refresh?: boolean;
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
  const stacks = neededStacks(topology, directory);
  const print = options.json ? console.error : console.log;
  assertShared(topology, directory, print);
  // Pulumi's SDK is most of what there is to load, and a wrong command line needs nothing of it.
  const { runStack } = await import("../../engine/run-stack.ts");
  const interruption = onInterruption(new Error("interrupted"));
  const began = performance.now();
  const operation = preview ? "preview" : "up";
  const converged = await converge({
    stacks,
    limits,
    signal: interruption.requested,
    preview,
    print: (line) => print(line),
    run: (stack, { first }) =>
      runStack({
        directory,
        stack,
        operation,
        refresh: refresh && first,
        interruption,
        onLine: (line) => print(`${pc.cyan(stack)}  ${line}`),
      }),
  });
  if (options.json) console.log(JSON.stringify(deployReport(converged), null, 2));
  else
    console.log(
      [summary(converged, operation, performance.now() - began), ...nextStep(converged, topology, preview)].join("\n"),
    );
  return converged.done ? 0 : 1;
}

/** What comes after a run that has succeeded; one that has not says in each line what to do. */
function nextStep({ done, runs }: Converged, topology: string, preview: boolean): string[] {
  if (!done) {
    const waits = runs.some((run) => run.error === undefined && pendingOf(run).length > 0);
    return waits ? [`see ${runbook("update-pending")}`] : [];
  }
  return [`next: npx bigpeer ${preview ? "deploy" : "verify"} ${topology}`];
}

/** What is wrong with the topology alone every stack says itself; who owns what has to be settled before the first one writes.
 * @throws TopologyError if a cluster has two owners, or none */
function assertShared(topology: string, directory: string, print: (line: string) => void): void {
  const ids = new Set(ownershipRules.map(({ id }) => id));
  const { findings } = checkFile(topology, { project: projectStacks(topology, directory) });
  const found = findings.filter(({ rule }) => ids.has(rule));
  if (found.some(({ severity }) => severity === "error")) {
    console.error("the stacks of this topology do not fit together, so nothing was written\n");
    throw new TopologyError(found);
  }
  for (const finding of found) print(formatFinding(finding));
}

function deployReport({ done, runs, notBegun }: Converged) {
  const stacks = runs.map((run) => {
    const { stack, changes, milliseconds, error } = run;
    return { stack, changes, milliseconds: Math.round(milliseconds), error, pending: pendingOf(run) };
  });
  return { done, stacks, notBegun };
}
