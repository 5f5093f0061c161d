/** Starts a lab in a process of its own, and ends one, whatever state it is in. */
import { platform } from "node:os";
import { delimiter, dirname, relative, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { cacheFolder } from "../program/cache-folder.ts";
import { defaultOperator, type OperatorContract } from "../topology/operator/contract.ts";
import { type LabDescription, readDescription } from "./description.ts";
import { lock, tryLock } from "./exclusive-lock.ts";
import { fileTail } from "./go-build.ts";
import { LabError } from "./lab-error.ts";
import { labRunsAlready, labSubject, makeLabFolder, removeLabFiles, supervisorLog } from "./lab-folder.ts";
import { ensureModuleFiles, gatewayApiDefinitions } from "./module-files.ts";
import { endProcess, isRunning } from "./process-identity.ts";
import { type LabClusterRequest, type LabComponent, labClusterSchema } from "./supervisor-messages.ts";
import { SupervisorProcess } from "./supervisor-process.ts";
import type { ToolEvent } from "./tool-builds.ts";
import { ensureTools, type Tools } from "./tools.ts";

export interface LabOptions {
  /** State folder. Made if it is not there; what a lab that has ended left in it is removed. */
  directory: string;
  clusters: LabClusterRequest[];
  /** The contract from which the stand-in operator takes its names and fields. */
  contract?: OperatorContract;
  /** Lives on when this process ends. Default: it ends with this process. */
  detached?: boolean;
  /** Gets what the stand-ins say, line by line. */
  log?: (line: string) => void;
  onToolProgress?: (event: ToolEvent) => void;
  signal?: AbortSignal;
}

export interface RunningLab {
  readonly description: LabDescription;
  readonly kubeconfig: string;
  /** Environment for a program that runs Pulumi or kubectl on this lab: this process' own with PATH and KUBECONFIG set. */
  readonly env: NodeJS.ProcessEnv;
  /** Ends a part of a cluster as a crash would; data stays. */
  kill(cluster: string, component: LabComponent): Promise<void>;
  /** Starts it again, and waits until it serves. */
  start(cluster: string, component: LabComponent): Promise<void>;
  /** Ends everything. Without `keepFiles` removes what the lab has written. */
  stop(options?: { keepFiles?: boolean }): Promise<void>;
}

const startDeadlineMilliseconds = 120_000;
const stopDeadlineMilliseconds = 25_000;

/** Environment for programs that use a lab. Pulumi's own providers go before the lab's stand-in. */
export function labEnvironment(
  tools: Tools,
  kubeconfig: string,
  base: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const standIns = fileURLToPath(new URL("providers/bin", import.meta.url));
  const providers = [tools.kubernetesProvider, tools.randomProvider].flatMap((each) => (each ? [dirname(each)] : []));
  // The engine starts `node`, which has to be the one that runs this: the machine's own may be too old for the program.
  const path = [dirname(tools.pulumi), tools.languageHostDir, dirname(process.execPath), base.PATH ?? ""];
  const built = !relative(cacheFolder(base), tools.languageHostDir).startsWith("..");
  return {
    ...base,
    PATH: [...new Set([...path, ...providers, standIns].filter((entry) => entry !== ""))].join(delimiter),
    KUBECONFIG: kubeconfig,
    ...(built ? { PULUMI_LANGUAGE_NODEJS_RUN_PATH: fileURLToPath(new URL("language/run.cjs", import.meta.url)) } : {}),
  };
}

/** Starts a lab and waits until its clusters and stand-ins serve. */
export async function startLab(options: LabOptions): Promise<RunningLab> {
  const directory = resolve(options.directory);
  const { contract = defaultOperator, detached = false, log = () => {}, signal } = options;
  if (platform() !== "linux")
    throw new LabError(
      "the lab gives each cluster loopback addresses of its own, which needs Linux: run it in WSL 2, a virtual machine or a container",
    );
  const clusters = checkClusters(options.clusters);
  const tools = await ensureTools({ onProgress: options.onToolProgress, signal });
  const gatewayDefinitions = clusters.some(({ gateway }) => gateway !== undefined)
    ? await ensureModuleFiles(gatewayApiDefinitions, { signal })
    : undefined;
  signal?.throwIfAborted();
  await clearFolder(directory);
  const supervisor = new SupervisorProcess(directory, log);
  const abort = () => supervisor.process.kill("SIGTERM");
  signal?.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(() => supervisor.process.kill("SIGTERM"), startDeadlineMilliseconds);
  try {
    supervisor.send({ type: "start", directory, detached, clusters, contract, tools, gatewayDefinitions });
    await supervisor.report(
      (report) => {
        if (report.type === "failed") throw new LabError(`the lab in ${directory} could not start: ${report.message}`);
        return report.type === "ready" ? true : undefined;
      },
      () =>
        `the lab in ${directory} ended while it started. The end of its log:\n${fileTail(supervisorLog(directory), 12)}`,
    );
  } catch (error) {
    // Its child processes end before it does, so whoever gets the error may remove the folder.
    await supervisor.exited;
    signal?.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
  const description = readDescription(directory);
  if (!description) throw new Error(`the lab in ${directory} is ready but has written no description`);
  if (detached) {
    supervisor.process.channel?.unref();
    supervisor.process.unref();
  }
  return {
    description,
    kubeconfig: description.kubeconfig,
    env: labEnvironment(tools, description.kubeconfig),
    kill: (cluster, component) => supervisor.component(cluster, component, "kill"),
    start: (cluster, component) => supervisor.component(cluster, component, "start"),
    async stop({ keepFiles = false } = {}) {
      supervisor.send({ type: "stop", keepFiles });
      const identity = description.supervisor;
      const timer = setTimeout(() => void endProcess(identity, 0), stopDeadlineMilliseconds);
      await supervisor.exited.finally(() => clearTimeout(timer));
      if (!keepFiles) await stopLab(directory);
    },
  };
}

function checkClusters(clusters: readonly LabClusterRequest[]): LabClusterRequest[] {
  const checked = labClusterSchema.array().min(1).safeParse(clusters);
  if (!checked.success) throw new LabError(`the lab cannot have these clusters: ${z.prettifyError(checked.error)}`);
  for (const key of ["name", "context"] as const) {
    const values = checked.data.map((cluster) => cluster[key]);
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined)
      throw new LabError(
        `two clusters have the ${key} ${twice}: give each its own, or programs would mistake one for the other`,
      );
  }
  return checked.data;
}

/** Makes an empty folder for a lab, of what an ended lab left behind. */
async function clearFolder(directory: string): Promise<void> {
  const subject = labSubject(directory);
  let free = await tryLock(subject);
  const before = readDescription(directory);
  // A killed supervisor lets go of the lock only when the last of its threads is gone.
  if (!free && before && !isRunning(before.supervisor)) free = await lock(subject);
  if (!free) throw labRunsAlready(directory);
  await free.release();
  await stopLab(directory);
  await makeLabFolder(directory);
}

/** Ends what runs of a lab whose supervisor has ended. Gives the number of processes. */
async function endLeftovers(description: LabDescription | undefined): Promise<number> {
  const recorded = description?.clusters.flatMap(({ processes }) => Object.values(processes)) ?? [];
  const running = recorded.filter(isRunning);
  await Promise.all(running.map((identity) => endProcess(identity, 2_000)));
  return running.length;
}

/**
 * Ends the lab in a folder, if one runs, and removes its files. Safe in every state: running, half started, its supervisor killed, ended
 * long ago. A process is ended only if it is the very one that was recorded. Gives the number of processes that were found running.
 */
export async function stopLab(directory: string): Promise<number> {
  const path = resolve(directory);
  const deadline = Date.now() + 2 * stopDeadlineMilliseconds;
  for (let ended = 0; ; ) {
    // A supervisor holds this lock as long as it lives, so whoever gets it knows that none does.
    const held = await tryLock(labSubject(path));
    const description = readDescription(path);
    if (held) {
      try {
        ended += await endLeftovers(description);
        await removeLabFiles(path);
        return ended;
      } finally {
        await held.release();
      }
    }
    if (description && isRunning(description.supervisor)) {
      ended = 1 + description.clusters.reduce((sum, cluster) => sum + Object.keys(cluster.processes).length, 0);
      await endProcess(description.supervisor, stopDeadlineMilliseconds);
    } else if (Date.now() > deadline) {
      throw new LabError(
        `a process holds the lab in ${path} but does not say which it is. Find it with \`ps ax | grep bigpeer.*supervisor\`, and end it.`,
      );
    } else {
      // It is about to write its description, or somebody else is ending it.
      await delay(50);
    }
  }
}
