/** One cluster of the lab: a real etcd, kube-apiserver and kube-controller-manager, without nodes. */
import { randomBytes } from "node:crypto";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { PooledKubeConfig } from "../kubernetes/pooled-kube-config.ts";
import type { Component } from "./component.ts";
import {
  apiServerPort,
  type ControlPlaneOptions,
  startEtcd,
  startKubeApiserver,
  startKubeControllerManager,
  writeControlPlaneFiles,
} from "./control-plane.ts";
import { fileTail } from "./go-build.ts";
import type { ProcessIdentity } from "./process-identity.ts";

/** A cluster as its stand-ins see it. */
export interface LabCluster {
  name: string;
  /** Name of its context in the kubeconfig. */
  context: string;
  /** With cluster-admin rights. */
  kubeConfig: KubeConfig;
  serviceCidr: string;
}

export interface ClusterOptions extends ControlPlaneOptions {
  context: string;
  /** Made besides `default` and the system's own. */
  namespaces: readonly string[];
  /** Gives up starting. Has no effect on a cluster that runs. */
  signal?: AbortSignal;
  /** Called when one of its programs has been started. */
  onProcess?: (component: string, identity: ProcessIdentity) => void;
}

export interface RunningCluster extends LabCluster {
  /** URL of the API server. */
  server: string;
  /** The token of the user in the kubeconfig. */
  token: string;
  /** Rejects when etcd or the API server ends by itself. Never resolves. */
  readonly failed: Promise<never>;
  /** Ends the API server at once, as a crash would. Its data stays. */
  killApiServer(): Promise<void>;
  /** Starts the API server again, and waits until it is ready. */
  startApiServer(): Promise<void>;
  /** Ends etcd at once. The API server stays, and fails. */
  killEtcd(): Promise<void>;
  startEtcd(): Promise<void>;
  /**
   * Starts the controllers. To be called once all custom resources are defined: the garbage collector looks for new kinds only every
   * half a minute, and until then nothing of one can be deleted in the foreground.
   */
  startControllers(): Promise<void>;
  stop(): Promise<void>;
}

const readyDeadlineMilliseconds = 60_000;

function isReady(options: ClusterOptions, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request(
      {
        host: options.addresses.controlPlane,
        port: apiServerPort,
        path: "/readyz",
        ca: options.authority.certificate,
        headers: { authorization: `Bearer ${token}` },
        agent: false,
        timeout: 5_000,
      },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    probe.on("timeout", () => probe.destroy());
    probe.on("error", () => resolve(false));
    probe.end();
  });
}

async function waitUntilReady(options: ClusterOptions, token: string, failed: Promise<never>): Promise<void> {
  const deadline = Date.now() + readyDeadlineMilliseconds;
  while (!(await Promise.race([isReady(options, token), failed]))) {
    if (Date.now() > deadline) {
      const log = join(options.directory, "kube-apiserver.log");
      throw new Error(
        `the API server of cluster ${options.name} was not ready after ${readyDeadlineMilliseconds / 1000} s. ` +
          `The end of its log, ${log}:\n${fileTail(log, 12)}`,
      );
    }
    await delay(50);
  }
}

function adminConfig(options: ClusterOptions, server: string, token: string): KubeConfig {
  const kubeConfig = new PooledKubeConfig();
  const { context } = options;
  const caData = Buffer.from(options.authority.certificate).toString("base64");
  kubeConfig.loadFromClusterAndUser({ name: context, server, caData, skipTLSVerify: false }, { name: context, token });
  return kubeConfig;
}

async function makeNamespaces(kubeConfig: KubeConfig, namespaces: readonly string[]): Promise<void> {
  const api = kubeConfig.makeApiClient(CoreV1Api);
  const there = new Set((await api.listNamespace()).items.map(({ metadata }) => metadata?.name));
  const missing = [...new Set(namespaces)].filter((name) => name !== "default" && !there.has(name));
  await Promise.all(missing.map((name) => api.createNamespace({ body: { metadata: { name } } })));
}

/** Starts a cluster and waits until its API server is ready and its namespaces are there. On failure nothing of it runs on. */
export async function startCluster(options: ClusterOptions): Promise<RunningCluster> {
  const { name, context, addresses, onProcess } = options;
  const token = randomBytes(24).toString("base64url");
  const server = `https://${addresses.controlPlane}:${apiServerPort}`;
  const files = await writeControlPlaneFiles(options, token);
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => {});
  const watch = (component: string, started: Component) => {
    started.failed.catch(fail);
    onProcess?.(component, started.identity);
    return started;
  };
  let etcd: Component | undefined;
  const killEtcd = async () => {
    await etcd?.stop(0);
    etcd = undefined;
  };
  const startEtcdAgain = async () => {
    etcd ??= watch("etcd", await startEtcd(options, files));
  };
  await startEtcdAgain();
  let apiServer: Component | undefined;
  const killApiServer = async () => {
    // It keeps nothing, and on SIGTERM it would wait up to a minute for its open watches.
    await apiServer?.stop(0);
    apiServer = undefined;
  };
  const startApiServer = async () => {
    apiServer ??= watch("kube-apiserver", await startKubeApiserver(options, files));
    await waitUntilReady(options, token, failed);
  };
  let controllers: Component | undefined;
  const startControllers = async () => {
    controllers ??= watch("kube-controller-manager", await startKubeControllerManager(options, files));
  };
  const stop = async () => {
    // It holds no state, and would complain about the API server for as long as it may.
    await controllers?.stop(0);
    await killApiServer();
    await etcd?.stop(2_000);
  };
  const giveUp = () => fail(options.signal?.reason);
  options.signal?.addEventListener("abort", giveUp, { once: true });
  try {
    await startApiServer();
    const kubeConfig = adminConfig(options, server, token);
    await makeNamespaces(kubeConfig, options.namespaces);
    const { serviceCidr } = addresses;
    return {
      name,
      context,
      kubeConfig,
      serviceCidr,
      server,
      token,
      failed,
      killApiServer,
      startApiServer,
      killEtcd,
      startEtcd: startEtcdAgain,
      startControllers,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", giveUp);
  }
}
