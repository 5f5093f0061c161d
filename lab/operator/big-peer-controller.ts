import { isIP } from "node:net";
import { fillTemplate, type OperatorContract } from "../../topology/operator/contract.ts";
import { readShape } from "../../topology/operator/shape.ts";
import { fieldAt } from "../../topology/value-at.ts";
import { BigPeer, type BigPeerConfig, type KeyConfig, type ReplicationConfig } from "../big-peer/big-peer.ts";
import type { LabNetwork } from "../network.ts";
import { createCa, fingerprint, issueLeaf, type KeyPair } from "./authority.ts";
import type { ClusterObjects } from "./cluster-objects.ts";
import { type Condition, condition, nextStatus } from "./conditions.ts";
import { textAt, type WatchedObject } from "./object-cache.ts";

/**
 * On a CA Secret, with the value "now": a Big Peer whose certificate another CA has issued gets one of this CA. Without it the Big Peer goes
 * on showing what it has: cert-manager issues a certificate anew when two thirds of its time are over, and not because its CA is another one
 * (cert-manager v1.21.2, internal/controller/certificates/policies/policies.go). In a lab those weeks never pass, so it is told.
 */
export const renewLeafAnnotation = "lab.bigpeer-topology/renew-leaf";

/** Operator 0.14.6 dropped Big Peers before this one (release notes). */
const oldestBigPeer = [1, 49, 0];

export interface ControllerOptions {
  readonly cluster: string;
  readonly contract: OperatorContract;
  readonly objects: ClusterObjects;
  readonly network: LabNetwork;
  /** True if an Ingress controller runs in the cluster. */
  readonly ingressController: boolean;
  readonly log: (line: string) => void;
  /** Something happened that the next pass has to look at. */
  readonly onChange: () => void;
}

/** Brings one BigPeer about: its CA, its Services, the stand-in of its processes, and the status of all that belongs to it. */
export class BigPeerController {
  readonly #options: ControllerOptions;
  readonly #name: string;
  readonly #peer: BigPeer;
  #leaf: (KeyPair & { readonly ca: string }) | undefined;
  #keys = new Set<string>();

  constructor(options: ControllerOptions, { metadata: { name } }: WatchedObject) {
    this.#options = options;
    this.#name = name;
    this.#peer = new BigPeer({
      name,
      resolve: (host) => options.network.resolve(options.cluster, host),
      log: (line) => options.log(`${name}: ${line}`),
      onStatus: options.onChange,
    });
  }

  /** True if requests with a key (by the UID of its BigPeerApiKey) are answered by now. */
  knowsKey(uid: string): boolean {
    return this.#keys.has(uid);
  }

  async stop(): Promise<void> {
    await this.#peer.stop();
  }

  async reconcile(bigPeer: WatchedObject): Promise<void> {
    const { contract } = this.#options;
    const problems: Condition[] = [];
    const ready = (reason: string, message: string) =>
      problems.push(condition(contract.readyCondition, false, reason, message));

    const version = textAt(bigPeer, contract.fields.bigPeer.version) ?? "";
    if (isOlder(version))
      ready("UnsupportedVersion", `this operator runs Big Peers from ${oldestBigPeer.join(".")} on, not ${version}`);
    const kafka = this.#kafka(bigPeer);
    if (kafka.status === "False") ready("KafkaNotReady", kafka.message);
    const leaf = await this.#identity(bigPeer);
    if (!leaf) return;
    const { trusted, missing } = this.#trusted(bigPeer);
    if (missing.length > 0) ready("TrustedCaMissing", `listed as trusted and not there: ${missing.join(", ")}`);

    const { namespace } = bigPeer.metadata;
    const owned = (object: WatchedObject) =>
      object.metadata.namespace === namespace && object.metadata.labels[contract.labels.bigPeer] === this.#name;
    const apps = this.#options.objects.apps.items().filter(owned);
    const replications = this.#options.objects.replications.items().filter(owned);
    const served = await this.#serveApps(apps);
    const running = await this.#runReplications(replications, served, problems.length === 0);
    const api = await this.#apiService(bigPeer);
    const keys = this.#options.objects.apiKeys.items().filter(owned);
    const config: BigPeerConfig = {
      identity: { certificate: leaf.certificate, privateKey: leaf.privateKey },
      trusted,
      api: problems.length === 0 ? { host: api, port: contract.apiService.port } : undefined,
      apps: [...served].map(([name, appId]) => ({ name, appId })),
      replications: [...running.values()],
      keys: keys.flatMap((key) => this.#keyConfig(key, served)),
    };
    await this.#peer.configure(config);
    this.#keys = new Set(keys.map(({ metadata }) => metadata.uid));
    await this.#reportReplications(replications, running);
    await this.#report(contract.kinds.bigPeer, bigPeer, this.#conditions(problems, kafka));
  }

  #conditions(problems: readonly Condition[], kafka: Condition): Condition[] {
    const { readyCondition } = this.#options.contract;
    const ready = problems[0] ?? condition(readyCondition, true, "Serving");
    const up = problems.length === 0;
    return [
      ready,
      { type: "Degraded", status: up ? "False" : "True", reason: ready.reason, message: ready.message },
      kafka,
      condition("BigPeerStoreReady", up, ready.reason, ready.message),
      condition("BigPeerSubscriptionReady", up, ready.reason, ready.message),
    ];
  }

  /** Its outside listener is an Ingress, unless it is switched off, and is waited for without end (deployments). */
  #kafka(bigPeer: WatchedObject): Condition {
    const { contract, ingressController } = this.#options;
    const field = contract.fields.bigPeer.kafkaListener;
    const listens = field !== "none" && fieldAt(bigPeer, field) !== false;
    if (!listens || ingressController) return condition("KafkaReady", true, "Ready");
    const message = `Kafka's external listener waits for an Ingress; no Ingress controller runs here, and ${field} is not false`;
    return condition("KafkaReady", false, "WaitingForIngress", message);
  }

  /** The certificate that it shows, out of the CA in its Secret; undefined until there is a CA. */
  async #identity(bigPeer: WatchedObject): Promise<KeyPair | undefined> {
    const { contract, objects } = this.#options;
    const { namespace } = bigPeer.metadata;
    const name = fillTemplate(contract.caSecret.name, { peer: this.#name });
    const secret = this.#secret(namespace, name);
    if (!secret) {
      const ca = await createCa(`${this.#name} CA`);
      const data = {
        [contract.caSecret.certificateKey]: ca.certificate,
        "tls.crt": ca.certificate,
        "tls.key": ca.privateKey,
        "ca.crt": ca.certificate,
      };
      const labels = { [contract.labels.bigPeer]: this.#name };
      const owner = objects.ownerOf(contract.kinds.bigPeer, bigPeer);
      await objects.createCaCertificate(namespace, name, { labels, owner });
      await objects.createSecret(namespace, name, { labels, owner, data });
      return undefined;
    }
    const certificate = decoded(secret, contract.caSecret.certificateKey);
    const privateKey = decoded(secret, "tls.key");
    if (certificate === undefined || privateKey === undefined) return this.#leaf;
    const ca = fingerprint(certificate);
    const now = secret.metadata.annotations[renewLeafAnnotation] === "now";
    if (!this.#leaf || (this.#leaf.ca !== ca && now))
      this.#leaf = { ...(await issueLeaf({ certificate, privateKey }, this.#name)), ca };
    return this.#leaf;
  }

  #trusted(bigPeer: WatchedObject): { trusted: BigPeerConfig["trusted"]; missing: string[] } {
    const { contract } = this.#options;
    const listed = fieldAt(bigPeer, contract.fields.bigPeer.trustedCas);
    const found = (Array.isArray(listed) ? listed : []).map((entry: unknown) => {
      const { secret = "", key = contract.trustSecret.certificateKey[0] ?? "" } =
        readShape(contract.shapes.trustedCa, entry) ?? {};
      const object = this.#secret(bigPeer.metadata.namespace, secret);
      return { secret, key, pem: object && decoded(object, key) };
    });
    const trusted = found.flatMap(({ secret, pem }) => (pem === undefined ? [] : [{ secret, pem }]));
    const missing = found.filter(({ pem }) => pem === undefined);
    return { trusted, missing: missing.map(({ secret, key }) => `Secret ${secret}, key ${key}`) };
  }

  #secret(namespace: string, name: string): WatchedObject | undefined {
    return this.#options.objects.secrets
      .items()
      .find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  }

  /** App names and IDs that are served: an ID only once (API). */
  async #serveApps(apps: readonly WatchedObject[]): Promise<Map<string, string>> {
    const { contract } = this.#options;
    const served = new Map<string, string>();
    const oldestFirst = apps.toSorted((one, other) => createdAt(one) - createdAt(other));
    for (const app of oldestFirst) {
      const id = textAt(app, contract.fields.app.appId)?.toLowerCase() ?? "";
      const taken = [...served].find(([, other]) => other === id)?.[0];
      if (taken === undefined) served.set(app.metadata.name, id);
      const message = taken === undefined ? "" : `the app ID ${id} is already that of ${taken}`;
      await this.#report(contract.kinds.app, app, [
        condition("Ready", taken === undefined, taken === undefined ? "Serving" : "AppIdInUse", message),
      ]);
    }
    return served;
  }

  async #runReplications(
    replications: readonly WatchedObject[],
    apps: ReadonlyMap<string, string>,
    listening: boolean,
  ): Promise<Map<string, ReplicationConfig>> {
    const { contract, objects } = this.#options;
    const running = await Promise.all(
      replications.map(async (replication): Promise<[string, ReplicationConfig] | undefined> => {
        const { name, namespace, labels } = replication.metadata;
        const appId = apps.get(labels[contract.labels.app] ?? "");
        if (appId === undefined) return undefined;
        const host = await objects.service({
          namespace,
          name: fillTemplate(contract.replicationService.name, { peer: this.#name, replication: name }),
          port: contract.replicationService.port,
          labels: { [contract.labels.bigPeer]: this.#name },
          // Each replication has processes of its own; what labels tell them apart is not published, so these are the lab's.
          selector: {
            [contract.labels.bigPeer]: this.#name,
            "app.kubernetes.io/component": "replication",
            "app.kubernetes.io/instance": name,
          },
          owner: objects.ownerOf(contract.kinds.replication, replication),
        });
        const connections = fieldAt(replication, contract.fields.replication.connections);
        const queries = fieldAt(replication, contract.fields.replication.queriesByCollection);
        return [
          name,
          {
            name,
            appId,
            connections: texts(connections),
            queries: Object.fromEntries(entries(queries).map(([collection, list]) => [collection, texts(list)])),
            listen: listening && isIP(host) !== 0 ? { host, port: contract.replicationService.port } : undefined,
          },
        ];
      }),
    );
    return new Map(running.filter((entry) => entry !== undefined));
  }

  async #reportReplications(replications: readonly WatchedObject[], running: ReadonlyMap<string, ReplicationConfig>) {
    const { contract } = this.#options;
    for (const replication of replications) {
      const { name, labels } = replication.metadata;
      if (!running.has(name)) {
        const app = labels[contract.labels.app] ?? "";
        const message = `the label ${contract.labels.app} names "${app}", which is no BigPeerApp of ${this.#name}`;
        await this.#report(contract.kinds.replication, replication, [
          condition("Ready", false, "AppNotFound", message),
        ]);
        continue;
      }
      const { connections, inbound, lastError } = this.#peer.status(name);
      const down = connections.filter(({ connected }) => !connected);
      const connected = connections.length > 0 ? down.length === 0 : inbound > 0;
      const message = [...down.map(({ address, error }) => `${address}: ${error ?? "not connected yet"}`)];
      if (!connected && lastError !== undefined) message.push(lastError);
      if (!connected && message.length === 0) message.push("nobody has connected yet");
      await this.#report(contract.kinds.replication, replication, [
        condition("Ready", true, "Configured"),
        condition(
          "Connected",
          connected,
          connected ? "Connected" : "NotConnected",
          connected ? "" : [...new Set(message)].join("; "),
        ),
      ]);
    }
  }

  async #apiService(bigPeer: WatchedObject): Promise<string> {
    const { contract, objects } = this.#options;
    const { namespace } = bigPeer.metadata;
    const service = (name: string, port: number) =>
      objects.service({
        namespace,
        name,
        port,
        labels: { [contract.labels.bigPeer]: this.#name },
        owner: objects.ownerOf(contract.kinds.bigPeer, bigPeer),
      });
    const [api] = await Promise.all([
      service(fillTemplate(contract.apiService.name, { peer: this.#name }), contract.apiService.port),
      service(`ditto-${this.#name}-auth-server`, 7070),
      service(`ditto-${this.#name}-subscription`, 7070),
    ]);
    return api;
  }

  #keyConfig(key: WatchedObject, apps: ReadonlyMap<string, string>): KeyConfig[] {
    const appId = apps.get(key.metadata.labels[this.#options.contract.labels.app] ?? "");
    const name = textAt(key, "spec.name");
    const hash = textAt(key, "spec.hash");
    const expiresAt = textAt(key, "spec.expiresAt");
    if (appId === undefined || name === undefined || hash === undefined || expiresAt === undefined) return [];
    return [{ appId, name, hash, expiresAt, permissions: fieldAt(key, "spec.permissions") }];
  }

  async #report(kind: string, object: WatchedObject, wanted: readonly Condition[]): Promise<void> {
    const status = nextStatus(object.status, wanted, object.metadata.generation);
    if (status) await this.#options.objects.writeStatus(kind, object, status);
  }
}

function decoded(secret: WatchedObject, key: string): string | undefined {
  const value = entries(secret.data).find(([name]) => name === key)?.[1];
  return typeof value === "string" && value !== "" ? Buffer.from(value, "base64").toString("utf8") : undefined;
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

function createdAt({ metadata }: WatchedObject): number {
  const { creationTimestamp } = metadata;
  return creationTimestamp instanceof Date ? creationTimestamp.getTime() : Date.parse(String(creationTimestamp));
}

function isOlder(version: string): boolean {
  const parts = version.split(".").map(Number);
  for (const [index, oldest] of oldestBigPeer.entries()) {
    const part = parts[index] ?? 0;
    if (part !== oldest) return part < oldest;
  }
  return false;
}
