/** `bigpeer lab up|env|status|down|tools`: a lab without a Pulumi run, for kubectl and for trying things out. */
import { join } from "node:path";
import { onInterruption } from "../../engine/interruption.ts";
import { readDescription } from "../../lab/description.ts";
import { labEnvironment, startLab, stopLab } from "../../lab/lab.ts";
import { LabError } from "../../lab/lab-error.ts";
import { isRunning } from "../../lab/process-identity.ts";
import type { LabClusterRequest } from "../../lab/supervisor-messages.ts";
import { toolProgress } from "../../lab/tool-progress.ts";
import { ensureTools } from "../../lab/tools.ts";
import { labClusters } from "../../lab/topology-clusters.ts";
import { count } from "../../report/words.ts";
import { loadPlan } from "../../topology/check.ts";
import { colours as pc } from "../output/colours.ts";
import { exportLines } from "../output/export-lines.ts";
import { labHome, projectAbove } from "../project/project-folder.ts";
import { type LabProject, labProjectEnvironment, makeLabProject, removeLabProject } from "../stacks/lab-project.ts";
import { topologyFile } from "../topology/topology-file.ts";

/** State folder of a lab. */
function labDirectory(name: string): string {
  return join(labHome(), name);
}

function print(value: unknown, exitCode = 0): number {
  process.stdout.write(typeof value === "string" ? `${value}\n` : `${JSON.stringify(value, undefined, 2)}\n`);
  return exitCode;
}

/** The only cluster of a lab for which nobody has named others. */
const devCluster: LabClusterRequest = { name: "dev", context: "dev", namespaces: ["ditto"] };

interface OutputOption {
  name: string;
  json?: boolean;
}

/** Starts a lab, and where it runs a topology of a Pulumi project, makes that topology's stacks for it. @returns 0 */
export async function labUp(
  argument: string | undefined,
  options: OutputOption & { cluster?: LabClusterRequest[] },
): Promise<number> {
  const named = argument === undefined ? undefined : topologyFile(argument, undefined);
  const { plan, text = "" } = named === undefined ? {} : loadPlan(named);
  const clusters = plan ? labClusters(plan) : (options.cluster ?? [devCluster]);
  const began = Date.now();
  const lab = await startLab({
    directory: labDirectory(options.name),
    clusters,
    ...(plan ? { contract: plan.operator } : {}),
    detached: true,
    log: (line) => process.stderr.write(`${pc.dim(line)}\n`),
    onToolProgress: toolProgress(),
    signal: onInterruption(new LabError("interrupted")).requested,
  });
  removeLabProject(options.name);
  const folder = projectAbove();
  // The engine would write to a cluster that names its kubeconfig, and not to the lab's.
  const isDeployable = plan && [...plan.clusters.values()].every(({ kubeconfig }) => kubeconfig === undefined);
  const project =
    isDeployable && named !== undefined && folder !== undefined
      ? await makeLabProject(lab, { name: options.name, plan, named, text, project: folder })
      : undefined;
  if (options.json) return print(lab.description);
  print(`The lab ${pc.bold(options.name)} runs (${((Date.now() - began) / 1000).toFixed(1)} s).`);
  for (const { context, server } of lab.description.clusters) print(`  ${context}: ${server}`);
  return print(`\n${nextSteps(lab.description.clusters[0]?.context ?? "dev", options.name, project)}`);
}

function nameFlag({ name }: { readonly name: string }): string {
  return name === "dev" ? "" : ` --name ${name}`;
}

/** The commands that use a lab, each as it can be copied. */
function nextSteps(context: string, name: string, project: LabProject | undefined): string {
  const flag = nameFlag({ name });
  const lines = [`eval "$(npx bigpeer lab env${flag})"`, `kubectl --context ${context} get namespaces`];
  const uses =
    project === undefined
      ? []
      : [
          "Deploy the topology to it, look at it, and prove that documents flow:",
          "",
          `  npx bigpeer deploy ${project.file} --project ${project.directory}`,
          ...project.stacks.map((stack) => `  pulumi -C ${project.directory} up --stack ${stack}`),
          `  npx bigpeer status ${project.file} --project ${project.directory} --live`,
          `  npx bigpeer verify ${project.file} --reach cluster-ip`,
          "",
          `\`deploy\` runs every stack; \`pulumi\` runs one.`,
          "",
        ];
  return [
    "Point kubectl, Pulumi and bigpeer in this shell at it:",
    "",
    ...lines.map((line) => `  ${line}`),
    "",
    ...uses,
    `End it with \`npx bigpeer lab down${flag}\`.`,
  ].join("\n");
}

/** Prints the lines with which a shell uses a lab. @returns 1 if it does not run, else 0 */
export async function labEnv(options: { name: string }): Promise<number> {
  const description = readDescription(labDirectory(options.name));
  if (!description || !isRunning(description.supervisor)) {
    console.error(`The lab ${options.name} is not running. Start it with \`npx bigpeer lab up${nameFlag(options)}\`.`);
    return 1;
  }
  const lines =
    labProjectEnvironment(options.name) ?? exportLines(labEnvironment(description.tools, description.kubeconfig));
  process.stdout.write(lines);
  return 0;
}

/** Says what runs. @returns 1 if nothing does, else 0 */
export async function labStatus(options: OutputOption): Promise<number> {
  const description = readDescription(labDirectory(options.name));
  const running = description !== undefined && isRunning(description.supervisor);
  if (options.json) return print({ running, ...(description ? { description } : {}) }, running ? 0 : 1);
  if (!description) return print(`The lab ${options.name} is not running.`, 1);
  if (!running)
    return print(
      `The lab ${options.name} ended unexpectedly. Remove what is left of it with \`npx bigpeer lab down${nameFlag(options)}\`.`,
      1,
    );
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
  return 0;
}

/** Ends a lab, and removes its files. @returns 0 */
export async function labDown(options: OutputOption): Promise<number> {
  const ended = await stopLab(labDirectory(options.name));
  removeLabProject(options.name);
  if (options.json) return print({ ended });
  return print(
    ended > 0
      ? `Ended the lab ${options.name} (${count(ended, "process")}).`
      : `The lab ${options.name} was not running.`,
  );
}

/** Builds what a lab needs. @returns 0 */
export async function labTools(options: { json?: boolean }): Promise<number> {
  const found = await ensureTools({
    onProgress: toolProgress(),
    signal: onInterruption(new LabError("interrupted")).requested,
  });
  if (options.json) return print(found);
  for (const [name, path] of Object.entries(found)) print(`${name}: ${path}`);
  return 0;
}
