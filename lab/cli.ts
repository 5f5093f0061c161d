#!/usr/bin/env node
/** `npm run lab -- up|status|down|tools`: a lab without a Pulumi run, for kubectl and for trying things out. */
import "../program/diagnostic-reports.cjs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { colours as pc } from "../cli/colours.ts";
import { loadPlan } from "../topology/check.ts";
import { TopologyError } from "../topology/findings/finding.ts";
import { readDescription } from "./description.ts";
import { startLab, stopLab } from "./lab.ts";
import { LabError } from "./lab-error.ts";
import { isRunning } from "./process-identity.ts";
import type { LabClusterRequest } from "./supervisor-messages.ts";
import { toolProgress } from "./tool-progress.ts";
import { ensureTools } from "./tools.ts";
import { labClusters } from "./topology-clusters.ts";

const checkout = fileURLToPath(new URL("..", import.meta.url));

/** State folder of a lab: `$BIGPEER_LAB_HOME/<name>`, else `.lab/<name>` in the checkout. */
function labDirectory(name: string): string {
  return join(process.env.BIGPEER_LAB_HOME || join(checkout, ".lab"), name);
}

function labName(text: string): string {
  if (!/^\w[\w.-]*$/.test(text))
    throw new InvalidArgumentError("A name has letters, digits, - and . only, such as dev.");
  return text;
}

function clusterOption(text: string, before: LabClusterRequest[] = []): LabClusterRequest[] {
  const [name = "", context = name, namespace = "ditto", ...rest] = text.split(":");
  if (name === "" || rest.length > 0)
    throw new InvalidArgumentError("Write <name>[:<context>[:<namespace>]], such as east.");
  return [...before, { name, context, namespaces: [namespace] }];
}

function print(value: unknown): void {
  process.stdout.write(typeof value === "string" ? `${value}\n` : `${JSON.stringify(value, undefined, 2)}\n`);
}

function interruptible(): AbortSignal {
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => abort.abort(new LabError("interrupted")));
  return abort.signal;
}

interface OutputOption {
  name: string;
  json?: boolean;
}

async function up(
  topology: string | undefined,
  options: OutputOption & { cluster?: LabClusterRequest[] },
): Promise<void> {
  const plan = topology === undefined ? undefined : loadPlan(topology).plan;
  const clusters = plan ? labClusters(plan) : (options.cluster ?? clusterOption("dev"));
  const began = Date.now();
  const lab = await startLab({
    directory: labDirectory(options.name),
    clusters,
    ...(plan ? { contract: plan.operator } : {}),
    detached: true,
    log: (line) => process.stderr.write(`${pc.dim(line)}\n`),
    onToolProgress: toolProgress(),
    signal: interruptible(),
  });
  if (options.json) return print(lab.description);
  print(`The lab ${pc.bold(options.name)} runs (${((Date.now() - began) / 1000).toFixed(1)} s).`);
  for (const { context, server } of lab.description.clusters) print(`  ${context}: ${server}`);
  const flag = options.name === "dev" ? "" : ` --name ${options.name}`;
  print(
    `\n  export KUBECONFIG=${lab.kubeconfig}\n  kubectl --context ${lab.description.clusters[0]?.context} get namespaces`,
  );
  print(`\nEnd it with \`npm run lab -- down${flag}\`.`);
}

async function status(options: OutputOption): Promise<void> {
  const description = readDescription(labDirectory(options.name));
  const running = description !== undefined && isRunning(description.supervisor);
  if (!running) process.exitCode = 1;
  if (options.json) return print({ running, ...(description ? { description } : {}) });
  if (!description) return print(`No lab ${options.name} runs.`);
  if (!running) return print(`The lab ${options.name} has died. Clear it away with \`npm run lab -- down\`.`);
  print(
    `The lab ${options.name} is ${description.state} (process ${description.supervisor.pid}). KUBECONFIG=${description.kubeconfig}`,
  );
  for (const { context, server, processes } of description.clusters) {
    const states = Object.entries(processes).map(
      ([component, identity]) =>
        `${component} ${isRunning(identity) ? pc.green(`runs (${identity.pid})`) : pc.red("has ended")}`,
    );
    print(`  ${context}: ${server}, ${states.join(", ")}`);
  }
}

async function down(options: OutputOption): Promise<void> {
  const ended = await stopLab(labDirectory(options.name));
  if (options.json) return print({ ended });
  print(ended > 0 ? `Ended the lab ${options.name} (${ended} processes).` : `No lab ${options.name} ran.`);
}

async function tools(options: { json?: boolean }): Promise<void> {
  const found = await ensureTools({ onProgress: toolProgress(), signal: interruptible() });
  if (options.json) return print(found);
  for (const [name, path] of Object.entries(found)) print(`${name}: ${path}`);
}

const program = new Command("lab").description(
  "Real API servers on this machine, with stand-ins of the Ditto operator and of Big Peers.",
);
const name = ["--name <name>", "which lab", labName, "dev"] as const;
program
  .command("up")
  .description("start a lab that runs until `down`")
  .argument("[topology]", "topology file whose clusters it has")
  .option(
    "--cluster <name[:context[:namespace]]>",
    "without a topology: a cluster (repeatable; default: dev)",
    clusterOption,
  )
  .option(...name)
  .option("--json", "print the description of the lab")
  .action(up);
program
  .command("status")
  .description("say what runs (exit code 1: nothing does)")
  .option(...name)
  .option("--json", "print it as JSON")
  .action(status);
program
  .command("down")
  .description("end a lab and remove its files; safe in every state")
  .option(...name)
  .option("--json", "print the number of processes that were ended as JSON")
  .action(down);
program
  .command("tools")
  .description("build the programs that a lab needs, if they are not cached")
  .option("--json", "print the paths as JSON")
  .action(tools);
for (const command of [program, ...program.commands]) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof LabError || error instanceof TopologyError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  } else throw error;
}
