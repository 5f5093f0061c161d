/** The programs of a cluster's control plane: their keys, their flags. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ClusterAddresses } from "./addresses.ts";
import { type LabAuthority, signingKeys } from "./certificates.ts";
import { type Component, startComponent } from "./component.ts";
import { kubeconfigText } from "./kubeconfig.ts";

export const apiServerPort = 6443;

export interface ControlPlaneOptions {
  name: string;
  addresses: ClusterAddresses;
  authority: LabAuthority;
  /** Folder for its data, keys and logs. */
  directory: string;
  etcd: string;
  kubeApiserver: string;
  kubeControllerManager: string;
}

/** Paths of its keys and certificates. */
export interface ControlPlaneFiles {
  authority: string;
  etcdCertificate: string;
  etcdKey: string;
  serverCertificate: string;
  serverKey: string;
  tokens: string;
  signingKey: string;
  verificationKey: string;
  /** The kubeconfig of the controller manager. */
  kubeconfig: string;
}

export async function writeControlPlaneFiles(options: ControlPlaneOptions, token: string): Promise<ControlPlaneFiles> {
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
    kubeconfig: await write(
      "controller-manager.kubeconfig",
      kubeconfigText([
        {
          context: options.name,
          server: `https://${addresses.controlPlane}:${apiServerPort}`,
          authority: authority.certificate,
          token,
        },
      ]),
    ),
  };
}

function flags(values: Record<string, string>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}

export function startEtcd(options: ControlPlaneOptions, files: ControlPlaneFiles): Promise<Component> {
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

export function startKubeApiserver(options: ControlPlaneOptions, files: ControlPlaneFiles): Promise<Component> {
  return startComponent({
    name: `kube-apiserver of cluster ${options.name}`,
    program: options.kubeApiserver,
    logFile: join(options.directory, "kube-apiserver.log"),
    // It holds about 150 MiB of live objects: with less room than this, collecting garbage would be two fifths of its work.
    environment: { GOMEMLIMIT: "400MiB", GOGC: "100" },
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
      // With etcd away a request would hang for a minute.
      "request-timeout": "15s",
      profiling: "false",
    }),
  });
}

/**
 * The controllers that a cluster without nodes needs: whoever deletes an object in the foreground waits for the garbage
 * collector, and a namespace goes only when its controller has emptied it. A lab has no pods, so no other controller has anything to do.
 */
const controllers = ["garbage-collector-controller", "namespace-controller"];

export function startKubeControllerManager(options: ControlPlaneOptions, files: ControlPlaneFiles): Promise<Component> {
  return startComponent({
    name: `kube-controller-manager of cluster ${options.name}`,
    program: options.kubeControllerManager,
    logFile: join(options.directory, "kube-controller-manager.log"),
    environment: { GOMEMLIMIT: "130MiB", GOGC: "100" },
    arguments: flags({
      kubeconfig: files.kubeconfig,
      controllers: controllers.join(","),
      "leader-elect": "false",
      // Nobody asks for its health or its metrics.
      "secure-port": "0",
      // Its defaults (20 requests per second) are meant for a manager that has all day.
      "kube-api-qps": "200",
      "kube-api-burst": "400",
      profiling: "false",
    }),
  });
}
