/**
 * The one process behind a lab: it starts and ends the clusters and hosts the stand-ins. Started by lab/lab.ts, with an IPC channel over
 * which it is told what to run. An attached supervisor ends when that channel closes; a detached one on SIGTERM or SIGINT.
 */
import "../program/diagnostic-reports.cjs";
import { rm } from "node:fs/promises";
import { CoreV1Api } from "@kubernetes/client-node";
import { type ClaimedNetwork, claimNetwork, clusterAddresses, ingressAddress, nodeAddress } from "./addresses.ts";
import { createAuthority } from "./certificates.ts";
import { type RunningCluster, startCluster } from "./cluster.ts";
import { descriptionFile, type LabDescription, writeDescription } from "./description.ts";
import { type ExclusiveLock, tryLock } from "./exclusive-lock.ts";
import { PublicAddresses } from "./exposure/public-addresses.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { LabError } from "./lab-error.ts";
import { clusterFolder, kubeconfigFile, labRunsAlready, labSubject, removeLabFiles } from "./lab-folder.ts";
import { createNetwork, type LabNetwork, type NetworkCluster } from "./network.ts";
import { identify } from "./process-identity.ts";
import { type StandIns, startStandIns } from "./stand-ins.ts";
import { commandSchema, type LabComponent, type Report, type StartCommand } from "./supervisor-messages.ts";

const stopDeadlineMilliseconds = 20_000;

function report(message: Report): void {
  if (process.connected) process.send?.(message);
}

function log(line: string): void {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
  report({ type: "log", line });
}

function text(error: unknown): string {
  if (error instanceof LabError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** The ClusterIP of a Service as the cluster's own DNS would give it. */
function clusterIpLookup(running: () => RunningCluster | undefined): NetworkCluster["clusterIp"] {
  return async (namespace, name) => {
    const api = running()?.kubeConfig.makeApiClient(CoreV1Api);
    try {
      const ip = (await api?.readNamespacedService({ namespace, name }))?.spec?.clusterIP;
      return ip === "None" ? undefined : ip;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === 404) return undefined;
      throw error;
    }
  };
}

class Lab {
  readonly #request: StartCommand;
  readonly #clusters = new Map<string, RunningCluster>();
  readonly #standIns = new Map<string, StandIns>();
  #lock: ExclusiveLock | undefined;
  #network: ClaimedNetwork | undefined;
  readonly #abort = new AbortController();
  #writing: Promise<void> = Promise.resolve();

  constructor(request: StartCommand) {
    this.#request = request;
  }

  async start(): Promise<void> {
    const { directory, detached, clusters, tools } = this.#request;
    const supervisor = identify(process.pid);
    if (!supervisor) throw new LabError("the lab needs Linux with /proc mounted");
    this.#lock = await tryLock(labSubject(directory));
    if (!this.#lock) throw labRunsAlready(directory);
    this.#network = await claimNetwork();
    const { number } = this.#network;
    const description: LabDescription = {
      format: 1,
      state: "starting",
      directory,
      supervisor,
      detached,
      kubeconfig: kubeconfigFile(directory),
      tools,
      clusters: clusters.map((cluster, index) => {
        const { controlPlane, serviceCidr } = clusterAddresses(number, index + 1);
        const ingresses = cluster.ingresses.map((ingress, controller) => ({
          ...ingress,
          address: ingressAddress(number, index + 1, controller + 1),
        }));
        return {
          ...cluster,
          server: `https://${controlPlane}:6443`,
          apiServerAddress: controlPlane,
          ingresses,
          serviceCidr,
          nodeAddress: nodeAddress(number, index + 1),
          processes: {},
        };
      }),
    };
    await this.#write(description);
    await this.#startClusters(description, number);
    description.state = "ready";
    await this.#write(description);
  }

  async #startClusters(description: LabDescription, number: number): Promise<void> {
    const { directory, contract, tools, gatewayDefinitions } = this.#request;
    const addresses = new PublicAddresses(number);
    const authority = await createAuthority();
    const network: LabNetwork = createNetwork(
      description.clusters.map((cluster) => ({
        ...cluster,
        clusterIp: clusterIpLookup(() => this.#clusters.get(cluster.name)),
      })),
      addresses,
    );
    const results = await Promise.allSettled(
      description.clusters.map(async (cluster, index) => {
        const running = await startCluster({
          ...cluster,
          addresses: clusterAddresses(number, index + 1),
          authority,
          directory: clusterFolder(directory, cluster.name),
          etcd: tools.etcd,
          kubeApiserver: tools.kubeApiserver,
          kubeControllerManager: tools.kubeControllerManager,
          signal: this.#abort.signal,
          onProcess: (component, identity) => {
            cluster.processes[component] = identity;
            void this.#write(description);
          },
        });
        this.#clusters.set(cluster.name, running);
        running.failed.catch((error: unknown) => log(text(error)));
        const logLine = (line: string) => log(`${cluster.name}: ${line}`);
        const { ingresses, nodeAddress, gateway, loadBalancers, nodePorts, nginxF5, forwards } = cluster;
        const parts = { gateway, loadBalancers, nodePorts, nginxF5, forwards };
        const exposure = { parts, addresses, nodeAddress, gatewayDefinitions };
        const standIns = await startStandIns({
          cluster: running,
          ingresses,
          network,
          contract,
          exposure,
          log: logLine,
        });
        this.#standIns.set(cluster.name, standIns);
        await running.startControllers();
        return { ...cluster, authority: authority.certificate, token: running.token, namespace: cluster.namespaces[0] };
      }),
    );
    const failure = results.find((result) => result.status === "rejected");
    if (failure) throw failure.reason;
    const entries = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    await writeKubeconfig(description.kubeconfig, entries);
  }

  /** One after another, so that the last to be asked for is the one that stays. */
  #write(description: LabDescription): Promise<void> {
    this.#writing = this.#writing.then(() => writeDescription(description));
    return this.#writing;
  }

  async component(name: string, component: LabComponent, action: "kill" | "start"): Promise<void> {
    const cluster = this.#clusters.get(name);
    if (!cluster) throw new LabError(`the lab has no cluster ${name}`);
    if (component === "operator") this.#standIns.get(name)?.pauseOperator(action === "kill");
    else if (component === "big-peers") await this.#standIns.get(name)?.suspendBigPeers(action === "kill");
    else if (component === "etcd") await (action === "kill" ? cluster.killEtcd() : cluster.startEtcd());
    else await (action === "kill" ? cluster.killApiServer() : cluster.startApiServer());
  }

  /** Gives up starting: `start` rejects soon. Does nothing once it has started. */
  abort(): void {
    this.#abort.abort(new LabError("the lab was ended while it started"));
  }

  /** Ends everything; a part that fails to end does not keep the others from it. */
  async stop(keepFiles: boolean): Promise<void> {
    const settle = async (work: Promise<void>[]) => {
      for (const result of await Promise.allSettled(work)) if (result.status === "rejected") log(text(result.reason));
    };
    await settle([...this.#standIns.values()].map((standIns) => standIns.stop()));
    await settle([...this.#clusters.values()].map((cluster) => cluster.stop()));
    await this.#writing;
    if (this.#lock)
      await (keepFiles
        ? rm(descriptionFile(this.#request.directory), { force: true })
        : removeLabFiles(this.#request.directory));
    await this.#network?.release();
    await this.#lock?.release();
  }
}

let lab: Lab | undefined;
let starting: Promise<void> = Promise.resolve();
let stopping = false;

async function stop(exitCode: number, keepFiles = false): Promise<void> {
  if (stopping) return;
  stopping = true;
  // The children end with this process, so the worst case leaves files, never processes.
  setTimeout(() => process.exit(1), stopDeadlineMilliseconds).unref();
  lab?.abort();
  await starting.catch(() => {});
  await lab?.stop(keepFiles).catch((error: unknown) => log(text(error)));
  process.exit(exitCode);
}

async function start(request: StartCommand): Promise<void> {
  lab = new Lab(request);
  if (!request.detached) process.once("disconnect", () => void stop(0));
  starting = lab.start();
  try {
    await starting;
    report({ type: "ready" });
  } catch (error) {
    report({ type: "failed", message: text(error) });
    // The logs say why.
    await stop(1, true);
  }
}

process.on("SIGTERM", () => void stop(0));
process.on("SIGINT", () => void stop(0));
process.on("SIGHUP", () => void stop(0));
process.on("uncaughtException", (error) => {
  log(`uncaught: ${text(error)}`);
  void stop(1, true);
});
process.on("message", (message) => {
  const command = commandSchema.parse(message);
  switch (command.type) {
    case "start":
      void start(command);
      break;
    case "stop":
      void stop(0, command.keepFiles);
      break;
    case "component":
      (
        lab?.component(command.cluster, command.component, command.action) ??
        Promise.reject(new LabError("the lab has not been started"))
      ).then(
        () => report({ type: "done", id: command.id }),
        (error: unknown) => report({ type: "done", id: command.id, error: text(error) }),
      );
  }
});
