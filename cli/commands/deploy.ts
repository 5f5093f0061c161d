#!/usr/bin/env node
import "../../program/diagnostic-reports.cjs";
import "../../program/compile-cache.cjs";
import { join, resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { colours as pc } from "../output/colours.ts";
import { type Converged, converge, pendingOf, summary } from "../stacks/converge.ts";
import { environmentTopology, stacksOfTopology } from "../stacks/environment-stacks.ts";
import { onInterruption } from "../stacks/interruption.ts";
import { limitsOf } from "../stacks/parallel-stacks.ts";
import { UsageError } from "../usage-error.ts";

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
  const directory = resolve(options.project ?? join(import.meta.dirname, "../.."));
  const topology = environmentTopology(environment, directory);
  const stacks = stacksOfTopology(topology, directory);
  if (stacks.length === 0)
    throw new UsageError(
      `no stack has ${topology}: set \`bigpeer:topology\` in the Pulumi.<stack>.yaml of each that does`,
    );
  // Pulumi's SDK is most of what there is to load, so the cache has to be there before it.
  const { runStack } = await import("../run-stack.ts");
  const interruption = onInterruption(new Error("interrupted"));
  const print = options.json ? console.error : console.log;
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
  } else throw error;
}
