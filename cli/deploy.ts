#!/usr/bin/env node
import "../program/diagnostic-reports.cjs";
import "../program/compile-cache.cjs";
import { join, resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { projectStacks } from "../program/stack-files.ts";
import { checkFile } from "../topology/check.ts";
import { formatFinding, TopologyError } from "../topology/findings/finding.ts";
import { ownershipRules } from "../topology/rules/ownership.ts";
import { colours as pc } from "./colours.ts";
import { type Converged, converge, pendingOf, summary } from "./converge.ts";
import { environmentTopology, stacksOfTopology } from "./environment-stacks.ts";
import { onInterruption } from "./interruption.ts";
import { limitsOf } from "./parallel-stacks.ts";
import { UsageError } from "./usage-error.ts";

/** `npm run deploy -- <environment>`: all stacks of an environment, until nothing is pending. */
async function deploy(
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
  const directory = resolve(options.project ?? join(import.meta.dirname, ".."));
  const topology = environmentTopology(environment, directory);
  const stacks = stacksOfTopology(topology, directory);
  if (stacks.length === 0)
    throw new UsageError(
      `no stack has ${topology}: set \`bigpeer:topology\` in the Pulumi.<stack>.yaml of each that does`,
    );
  const print = options.json ? console.error : console.log;
  assertShared(topology, directory, print);
  // Pulumi's SDK is most of what there is to load, so the cache has to be there before it.
  const { runStack } = await import("./run-stack.ts");
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
  else console.log(summary(converged, operation, performance.now() - began));
  return converged.done ? 0 : 1;
}

/** What is wrong with the topology alone every stack says itself; who owns what has to be settled before the first one writes.
 * @throws TopologyError if a cluster has two owners, or none */
function assertShared(topology: string, directory: string, print: (line: string) => void): void {
  const ids = new Set(ownershipRules.map(({ id }) => id));
  const { findings } = checkFile(topology, { project: projectStacks(topology, directory) });
  const found = findings.filter(({ rule }) => ids.has(rule));
  if (found.some(({ severity }) => severity === "error")) throw new TopologyError(found);
  for (const finding of found) print(formatFinding(finding));
}

function deployReport({ done, runs, notBegun }: Converged) {
  const stacks = runs.map((run) => {
    const { stack, changes, milliseconds, error } = run;
    return { stack, changes, milliseconds: Math.round(milliseconds), error, pending: pendingOf(run) };
  });
  return { done, stacks, notBegun };
}

const program = new Command("deploy")
  .description(
    "Run the stacks of an environment until nothing is pending; the same as `pulumi up` in each, in any order.",
  )
  .argument("<environment>", "name of the topology in topologies/, or its file")
  .option("--project <folder>", "the Pulumi project (default: this one)")
  .option("--preview", "show what would change, write nothing")
  .option("--refresh", "look at the live objects first, so that what was changed by hand is put back")
  .option("--parallel <n>", "how many stacks run at once (default: two for each core, as far as there is memory)")
  .option("--keep-going", "begin the other stacks also after one has failed")
  .option("--json", "the summary as JSON; progress goes to the standard error")
  .exitOverride()
  .action(async (environment, options) => {
    process.exitCode = await deploy(environment, options);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof UsageError) {
    console.error(`error: ${error.message}`);
    process.exitCode = 2;
  } else if (error instanceof TopologyError) {
    console.error(`the stacks of this topology do not fit together, nothing was written\n\n${error.message}`);
    process.exitCode = 1;
  } else throw error;
}
