/** `bigpeer lab up|status|down|tools`: a lab without a Pulumi run, for kubectl and for trying things out. */
import { join } from "node:path";
import { onInterruption } from "../../engine/interruption.ts";
import { readDescription } from "../../lab/description.ts";
import { startLab, stopLab } from "../../lab/lab.ts";
import { LabError } from "../../lab/lab-error.ts";
import { isRunning } from "../../lab/process-identity.ts";
import type { LabClusterRequest } from "../../lab/supervisor-messages.ts";
import { toolProgress } from "../../lab/tool-progress.ts";
import { ensureTools } from "../../lab/tools.ts";
import { labClusters } from "../../lab/topology-clusters.ts";
import { loadPlan } from "../../topology/check.ts";
import { colours as pc } from "../output/colours.ts";
import { labHome } from "../project/project-folder.ts";

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

/** Starts a lab. @returns 0 */
export async function labUp(
  topology: string | undefined,
  options: OutputOption & { cluster?: LabClusterRequest[] },
): Promise<number> {
  const plan = topology === undefined ? undefined : loadPlan(topology).plan;
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
  if (options.json) return print(lab.description);
  print(`The lab ${pc.bold(options.name)} runs (${((Date.now() - began) / 1000).toFixed(1)} s).`);
  for (const { context, server } of lab.description.clusters) print(`  ${context}: ${server}`);
  const flag = options.name === "dev" ? "" : ` --name ${options.name}`;
  print(
    `\n  export KUBECONFIG=${lab.kubeconfig}\n  kubectl --context ${lab.description.clusters[0]?.context} get namespaces`,
  );
  return print(`\nEnd it with \`npx bigpeer lab down${flag}\`.`);
}

/** Says what runs. @returns 1 if nothing does, else 0 */
export async function labStatus(options: OutputOption): Promise<number> {
  const description = readDescription(labDirectory(options.name));
  const running = description !== undefined && isRunning(description.supervisor);
  if (options.json) return print({ running, ...(description ? { description } : {}) }, running ? 0 : 1);
  if (!description) return print(`No lab ${options.name} runs.`, 1);
  if (!running) return print(`The lab ${options.name} has died. Remove it with \`npx bigpeer lab down\`.`, 1);
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
  if (options.json) return print({ ended });
  return print(ended > 0 ? `Ended the lab ${options.name} (${ended} processes).` : `No lab ${options.name} ran.`);
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
