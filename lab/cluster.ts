/** One cluster of the lab: a real etcd and a real kube-apiserver, without nodes and without controllers. */
import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CoreV1Api, KubeConfig } from "@kubernetes/client-node";
import type { ClusterAddresses } from "./addresses.ts";
import { type LabAuthority, signingKeys } from "./certificates.ts";
import { type Component, startComponent } from "./component.ts";
import { fileTail } from "./go-build.ts";
import type { ProcessIdentity } from "./process-identity.ts";

/** A cluster as its stand-ins see it. */
export interface LabCluster {
  name: string;
  /** Name of its context in the kubeconfig. */
  context: string;
  /** With cluster-admin rights. */
  kubeConfig: KubeConfig;
  ingressAddress: string;
  serviceCidr: string;
}

export interface ClusterOptions {
  name: string;
  context: string;
  /** Made besides `default` and the system's own. */
  namespaces: readonly string[];
  addresses: ClusterAddresses;
  authority: LabAuthority;
  /** Folder for its data, keys and logs. */
  directory: string;
  etcd: string;
  kubeApiserver: string;
  /** Called when one of its programs has been started. */
  onProcess?: (component: string, identity: ProcessIdentity) => void;
}

export interface RunningCluster extends LabCluster {
  /** URL of the API server. */
  server: string;
  /** Of the user in the kubeconfig. */
  token: string;
  /** Rejects when etcd or the API server ends by itself. Never resolves. */
  readonly failed: Promise<never>;
  /** Ends the API server at once, as a crash would. Its data stays. */
  killApiServer(): Promise<void>;
  /** Starts the API server again, and waits until it is ready. */
  startApiServer(): Promise<void>;
  stop(): Promise<void>;
}

const readyDeadlineMilliseconds = 60_000;
const apiServerPort = 6443;

interface Files {
  authority: string;
  etcdCertificate: string;
  etcdKey: string;
  serverCertificate: string;
  serverKey: string;
  tokens: string;
  signingKey: string;
  verificationKey: string;
}

async function writeFiles(options: ClusterOptions, token: string): Promise<Files> {
  const { addresses, authority } = options;
  const directory = join(options.directory, "pki");
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const [etcd, server, signing] = await Promise.all([
    authority.issue("etcd", [addresses.controlPlane]),
    authority.issue("kube-apiserver", [addresses.controlPlane], ["kubernetes.default.svc", "kubernetes"]),
    signingKeys(),
  ]);
  const write = async (name: string, text: string) => {
    const file = join(directory, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  return {
    authority: await write("ca.crt", authority.certificate),
    etcdCertificate: await write("etcd.crt", etcd.certificate),
    etcdKey: await write("etcd.key", etcd.key),
    serverCertificate: await write("server.crt", server.certificate),
    serverKey: await write("server.key", server.key),
    tokens: await write("tokens.csv", `${token},lab-admin,lab-admin,"system:masters"\n`),
    signingKey: await write("service-account.key", signing.privateKey),
    verificationKey: await write("service-account.pub", signing.publicKey),
  };
}

function flags(values: Record<string, string>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}

function startEtcd(options: ClusterOptions, files: Files): Promise<Component> {
  const clients = `https://${options.addresses.controlPlane}:2379`;
  const peers = `https://${options.addresses.controlPlane}:2380`;
  return startComponent({
    name: `etcd of cluster ${options.name}`,
    program: options.etcd,
    logFile: join(options.directory, "etcd.log"),
    environment: { GOMEMLIMIT: "100MiB" },
    arguments: flags({
      "data-dir": join(options.directory, "etcd"),
      "listen-client-urls": clients,
      "advertise-client-urls": clients,
      "listen-peer-urls": peers,
      "initial-advertise-peer-urls": peers,
      "initial-cluster": `default=${peers}`,
      "cert-file": files.etcdCertificate,
      "key-file": files.etcdKey,
      "trusted-ca-file": files.authority,
      "client-cert-auth": "true",
      "peer-cert-file": files.etcdCertificate,
      "peer-key-file": files.etcdKey,
      "peer-trusted-ca-file": files.authority,
      "peer-client-cert-auth": "true",
      // A lab's data does not outlive the machine's next start.
      "unsafe-no-fsync": "true",
      "log-level": "warn",
    }),
  });
}

function startServer(options: ClusterOptions, files: Files): Promise<Component> {
  return startComponent({
    name: `kube-apiserver of cluster ${options.name}`,
    program: options.kubeApiserver,
    logFile: join(options.directory, "kube-apiserver.log"),
    environment: { GOMEMLIMIT: "260MiB", GOGC: "50" },
    arguments: flags({
      "bind-address": options.addresses.controlPlane,
      "secure-port": String(apiServerPort),
      // The server refuses to advertise a loopback address. This one is reserved for documentation (RFC 5737), and nobody dials it.
      "advertise-address": "192.0.2.1",
      "endpoint-reconciler-type": "none",
      "etcd-servers": `https://${options.addresses.controlPlane}:2379`,
      "etcd-cafile": files.authority,
      "etcd-certfile": files.etcdCertificate,
      "etcd-keyfile": files.etcdKey,
      "tls-cert-file": files.serverCertificate,
      "tls-private-key-file": files.serverKey,
      "token-auth-file": files.tokens,
      "authorization-mode": "RBAC",
      "service-account-issuer": "https://kubernetes.default.svc",
      "service-account-key-file": files.verificationKey,
      "service-account-signing-key-file": files.signingKey,
      "service-cluster-ip-range": options.addresses.serviceCidr,
      // It waits for a controller that makes a `default` ServiceAccount, and none runs here.
      "disable-admission-plugins": "ServiceAccount",
      profiling: "false",
    }),
  });
}

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
  const kubeConfig = new KubeConfig();
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
  const files = await writeFiles(options, token);
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
  const etcd = watch("etcd", await startEtcd(options, files));
  let apiServer: Component | undefined;
  const killApiServer = async () => {
    // It keeps nothing, and on SIGTERM it would wait up to a minute for its open watches.
    await apiServer?.stop(0);
    apiServer = undefined;
  };
  const startApiServer = async () => {
    apiServer ??= watch("kube-apiserver", await startServer(options, files));
    await waitUntilReady(options, token, failed);
  };
  const stop = async () => {
    await killApiServer();
    await etcd.stop(2_000);
  };
  try {
    await startApiServer();
    const kubeConfig = adminConfig(options, server, token);
    await makeNamespaces(kubeConfig, options.namespaces);
    const { ingress: ingressAddress, serviceCidr } = addresses;
    return {
      name,
      context,
      kubeConfig,
      ingressAddress,
      serviceCidr,
      server,
      token,
      failed,
      killApiServer,
      startApiServer,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
