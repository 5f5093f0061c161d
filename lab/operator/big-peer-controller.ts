import { fillTemplate } from "../../topology/operator/contract.ts";
import { fieldAt } from "../../topology/value-at.ts";
import { BigPeer, type BigPeerConfig, type KeyConfig, type ReplicationConfig } from "../big-peer/big-peer.ts";
import { BigPeerIdentity } from "./big-peer-identity.ts";
import { type Condition, condition, nextStatus } from "./conditions.ts";
import type { ControllerOptions } from "./controller-options.ts";
import { textAt, type WatchedObject } from "./object-cache.ts";
import { replicationConditions } from "./replication-conditions.ts";
import { runningReplications } from "./running-replications.ts";
import { trustedCas } from "./trusted-cas.ts";

/** Operator 0.14.6 dropped Big Peers before this one (release notes). */
const oldestBigPeer = [1, 49, 0];

/** Brings one BigPeer about: its CA, its Services, the stand-in of its processes, and the status of all that belongs to it. */
export class BigPeerController {
  readonly #options: ControllerOptions;
  readonly #name: string;
  readonly #peer: BigPeer;
  readonly #identity: BigPeerIdentity;
  #keys = new Set<string>();

  constructor(options: ControllerOptions, { metadata: { name } }: WatchedObject) {
    this.#options = options;
    this.#name = name;
    this.#identity = new BigPeerIdentity(options, name);
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

  /** Ends what serves; `reconcile` starts it again, with the documents that it has had. */
  async suspend(): Promise<void> {
    await this.#peer.suspend();
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
    const leaf = await this.#identity.certificate(bigPeer);
    if (!leaf) return;
    const { trusted, missing } = trustedCas(this.#options, bigPeer);
    if (missing.length > 0) ready("TrustedCaMissing", `listed as trusted and not there: ${missing.join(", ")}`);

    const { namespace } = bigPeer.metadata;
    const owned = (object: WatchedObject) =>
      object.metadata.namespace === namespace && object.metadata.labels[contract.labels.bigPeer] === this.#name;
    const apps = this.#options.objects.apps.items().filter(owned);
    const replications = this.#options.objects.replications.items().filter(owned);
    const served = await this.#serveApps(apps);
    const running = await runningReplications(this.#options, this.#name, replications, served, problems.length === 0);
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

  async #reportReplications(replications: readonly WatchedObject[], running: ReadonlyMap<string, ReplicationConfig>) {
    const { contract } = this.#options;
    for (const replication of replications) {
      const { name, labels } = replication.metadata;
      const app = labels[contract.labels.app] ?? "";
      const message = `the label ${contract.labels.app} names "${app}", which is no BigPeerApp of ${this.#name}`;
      const conditions = running.has(name)
        ? replicationConditions(this.#peer.status(name))
        : [condition("Ready", false, "AppNotFound", message)];
      await this.#report(contract.kinds.replication, replication, conditions);
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
