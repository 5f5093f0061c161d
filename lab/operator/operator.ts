/**
 * A stand-in of the Ditto Operator: it watches the custom resources of its cluster, level-triggered and idempotent, and makes of them what
 * the real one is publicly known to make. There are no pods: the Big Peers run inside this process, on the addresses of their Services.
 */
import { setTimeout as delay } from "node:timers/promises";
import { ApiextensionsV1Api, KubernetesObjectApi, PatchStrategy } from "@kubernetes/client-node";
import type { OperatorContract } from "../../topology/operator/contract.ts";
import type { LabCluster } from "../cluster.ts";
import type { LabNetwork } from "../network.ts";
import { ReconcileLoop } from "../reconcile-loop.ts";
import { BigPeerController } from "./big-peer-controller.ts";
import { certManagerStandIn, clusterIssuerStandIn } from "./cert-manager.ts";
import { ClusterObjects } from "./cluster-objects.ts";
import { crds } from "./crds.ts";
import { type ApiKeys, type AppOfPeer, Refusal } from "./management-api.ts";
import { startManagementApi } from "./management-service.ts";
import { textAt } from "./object-cache.ts";

export interface OperatorOptions {
  readonly cluster: LabCluster;
  readonly network: LabNetwork;
  readonly contract: OperatorContract;
  /** True if an Ingress controller runs in the cluster. */
  readonly ingressController: boolean;
  readonly log: (line: string) => void;
}

const keyDeadlineMs = 10_000;

/** Installs the custom resources, and then works until it is stopped. */
export async function startOperator(
  options: OperatorOptions,
): Promise<Pick<Operator, "pause" | "suspendBigPeers" | "stop">> {
  await installCrds(options);
  const operator = new Operator(options);
  await operator.start();
  return operator;
}

class Operator {
  readonly #options: OperatorOptions;
  readonly #objects: ClusterObjects;
  readonly #controllers = new Map<string, BigPeerController>();
  #management: { stop(): Promise<void> } | undefined;
  readonly #loop: ReconcileLoop;
  #paused = false;
  #suspended = false;

  constructor(options: OperatorOptions) {
    this.#options = options;
    this.#loop = new ReconcileLoop(
      async () => {
        if (!this.#paused && !this.#suspended) await this.#reconcile();
      },
      (line) => options.log(`operator: ${line}`),
    );
    this.#objects = new ClusterObjects(options.cluster.kubeConfig, options.contract, this.#loop.changed);
  }

  async start(): Promise<void> {
    const { cluster, contract } = this.#options;
    await this.#objects.namespace(contract.managementApi.namespace);
    await this.#objects.start();
    this.#management = await startManagementApi(cluster.kubeConfig, contract, this.#objects, this.#apiKeys());
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await Promise.all([
      this.#management?.stop(),
      this.#objects.stop(),
      ...[...this.#controllers.values()].map((controller) => controller.stop()),
    ]);
  }

  /** A paused operator does nothing, as one whose pod is down; its Big Peers run on. */
  pause(paused: boolean): void {
    this.#paused = paused;
    this.#loop.changed();
  }

  /** Ends the processes of its Big Peers, or starts them again; nothing starts them in the meantime. */
  async suspendBigPeers(suspended: boolean): Promise<void> {
    this.#suspended = suspended;
    if (suspended) await Promise.all([...this.#controllers.values()].map((controller) => controller.suspend()));
    this.#loop.changed();
  }

  async #reconcile(): Promise<void> {
    const { contract, cluster, network, ingressController, log } = this.#options;
    const objects = this.#objects;
    const bigPeers = objects.bigPeers.items();
    for (const [uid, controller] of this.#controllers) {
      if (bigPeers.some(({ metadata }) => metadata.uid === uid)) continue;
      this.#controllers.delete(uid);
      await controller.stop();
    }
    const onChange = this.#loop.changed;
    const failures = await Promise.allSettled(
      bigPeers.map(async (bigPeer) => {
        const { uid } = bigPeer.metadata;
        const options = { cluster: cluster.name, contract, objects, network, ingressController, log, onChange };
        const controller = this.#controllers.get(uid) ?? new BigPeerController(options, bigPeer);
        this.#controllers.set(uid, controller);
        await controller.reconcile(bigPeer);
      }),
    );
    await this.#endExpiredKeys();
    const failure = failures.find(({ status }) => status === "rejected");
    if (failure?.status === "rejected") throw failure.reason;
  }

  /** The real operator's keys end, too. What belongs to an object that is gone is deleted by Kubernetes' garbage collector. */
  async #endExpiredKeys(): Promise<void> {
    const { contract } = this.#options;
    const { apiKeys } = this.#objects;
    const expired = apiKeys.items().filter((key) => Date.parse(textAt(key, "spec.expiresAt") ?? "") < Date.now());
    const apiVersion = `${contract.group}/${contract.version}`;
    await Promise.all(expired.map((key) => this.#objects.delete(apiVersion, contract.kinds.apiKey, key)));
  }

  #apiKeys(): ApiKeys {
    const { contract } = this.#options;
    const objects = this.#objects;
    const find = ({ namespace, bigPeer, app }: AppOfPeer, name: string) =>
      objects.apiKeys
        .items()
        .find(({ metadata }) => metadata.namespace === namespace && metadata.name === objectName(bigPeer, app, name));
    return {
      create: async (target, request, hash) => {
        const { namespace, bigPeer, app } = target;
        const owner = objects.bigPeers
          .items()
          .find(({ metadata }) => metadata.namespace === namespace && metadata.name === bigPeer);
        if (!owner) throw new Refusal(404, `no BigPeer ${namespace}/${bigPeer}`);
        const served = objects.apps
          .items()
          .some(
            ({ metadata }) =>
              metadata.namespace === namespace &&
              metadata.name === app &&
              metadata.labels[contract.labels.bigPeer] === bigPeer,
          );
        if (!served) throw new Refusal(404, `no BigPeerApp ${namespace}/${app} on ${bigPeer}`);
        const labels = { [contract.labels.bigPeer]: bigPeer, [contract.labels.app]: app };
        const spec = { ...request, hash };
        await objects
          .createApiKey(
            namespace,
            objectName(bigPeer, app, request.name),
            labels,
            spec,
            objects.ownerOf(contract.kinds.bigPeer, owner),
          )
          .catch((error: unknown) => {
            if (typeof error === "object" && error !== null && "code" in error && error.code === 409)
              throw new Refusal(409, `the API key ${request.name} exists already`);
            throw error;
          });
        const deadline = Date.now() + keyDeadlineMs;
        while (Date.now() < deadline) {
          const made = find(target, request.name);
          if (made && this.#controllers.get(owner.metadata.uid)?.knowsKey(made.metadata.uid)) return;
          await delay(10);
        }
        throw new Refusal(503, `${bigPeer} did not take the key in time`);
      },
      delete: async (target, name) => {
        const key = find(target, name);
        if (key) await objects.delete(`${contract.group}/${contract.version}`, contract.kinds.apiKey, key);
        return key !== undefined;
      },
    };
  }
}

function objectName(bigPeer: string, app: string, name: string): string {
  return `${bigPeer}.${app}.${name}`;
}

async function installCrds({ cluster, contract }: OperatorOptions): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(cluster.kubeConfig);
  const definitions = [...crds(contract), certManagerStandIn, clusterIssuerStandIn];
  await Promise.all(
    definitions.map((each) =>
      api.patch(each, undefined, undefined, "ditto-operator", true, PatchStrategy.ServerSideApply),
    ),
  );
  const extensions = cluster.kubeConfig.makeApiClient(ApiextensionsV1Api);
  const deadline = Date.now() + 30_000;
  for (const { metadata } of definitions) {
    const name = metadata?.name ?? "";
    for (;;) {
      const found = await extensions.readCustomResourceDefinition({ name });
      if (found.status?.conditions?.some(({ type, status }) => type === "Established" && status === "True")) break;
      if (Date.now() > deadline) throw new Error(`the custom resource ${name} was not served in time`);
      await delay(50);
    }
  }
}
