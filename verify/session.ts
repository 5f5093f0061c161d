import { randomUUID } from "node:crypto";
import { httpCode } from "../kubernetes/failure.ts";
import { type KubeconfigSource, loadKubeConfig } from "../kubernetes/kubeconfig.ts";
import { readObject } from "../kubernetes/read-object.ts";
import { UnreadableError, unreadable } from "../kubernetes/unreadable.ts";
import { kubectlFor } from "../topology/objects/kubectl.ts";
import { apiServiceName, appObjectName } from "../topology/plan/names.ts";
import type { Plan, PlannedPeer } from "../topology/plan/plan.ts";
import { runbook } from "../topology/runbook.ts";
import type { WaysTo } from "../trust/observed-trust.ts";
import type { TrustSeen } from "../trust/stale-trust.ts";
import type { Access } from "./access.ts";
import { type AppRef, ManagementApi } from "./api-keys.ts";
import { clusterIpReach } from "./cluster-ip.ts";
import { DocumentApi } from "./document-api.ts";
import { type Endpoint, fixedEndpoint, type Reach } from "./endpoint.ts";
import { GivenBack } from "./given-back.ts";
import { HttpError } from "./http.ts";
import { Limit } from "./limit.ts";
import { LiveObjects } from "./live-objects.ts";
import { kubernetesToken, needPrivateUrl } from "./management-token.ts";
import { once } from "./once.ts";
import { portForwardReach } from "./port-forward.ts";

/** Long enough for a run, short enough that a key that could not be deleted soon opens nothing. */
const keyLifeMs = 15 * 60_000;
/** `up` waits for Big Peers, not for apps: the operator may be about to make one on its Big Peer. */
const appPatienceMs = 15_000;
const appPollMs = 250;
/** Requests under way at a time, over all clusters: more of them make neither an API server nor a Big Peer answer sooner. */
const requestsAtOnce = 64;
/** The most of them that read from one API server. */
const readsOfCluster = 8;

/** Everything that a run of `verify` has opened: endpoints, keys and documents. `close` releases all of it, also after a failure. */
export class Session {
  readonly #plan: Plan;
  readonly #access: Access;
  readonly #keyName = `bigpeer-verify-${randomUUID().slice(0, 8)}`;
  readonly #documents = new Map<string, Promise<DocumentApi>>();
  readonly #apis = new Map<string, Promise<Endpoint>>();
  readonly #managements = new Map<string, Promise<ManagementApi>>();
  readonly #givenBack = new GivenBack();
  readonly #limit = new Limit(requestsAtOnce);
  /** By cluster. */
  readonly #reads = new Map<string, Limit>();
  readonly #opening: Promise<unknown>[] = [];
  #closing = false;
  /** The custom resources of the plan in their clusters. */
  readonly live: LiveObjects;

  constructor(plan: Plan, access: Access) {
    this.#plan = plan;
    this.#access = access;
    this.live = new LiveObjects(plan, (cluster, reference) =>
      this.#read(cluster, () => readObject(this.#source(cluster), reference)),
    );
  }

  /** One app's documents on one peer, with a key of its own for this run. */
  documents(app: string, peerName: string): Promise<DocumentApi> {
    return once(this.#documents, `${app} ${peerName}`, async () => {
      const peer = this.#peer(peerName);
      const parts = [this.live.appId(app, peer), this.#key(app, peer), this.#api(peer)] as const;
      this.#opening.push(...parts);
      const [appId, key, api] = await Promise.all(parts);
      const version = this.#access.apiVersion ?? this.#plan.operator.apiService.version;
      return new DocumentApi(api.url, appId, key, version, this.#limit);
    });
  }

  /** The CAs that each peer trusts in the clusters, and the certificates that peers show, where those can be seen.
   * @param plan the peers to look at, and whom they trust */
  async trust(plan: Plan = this.#plan): Promise<TrustSeen> {
    const { reach, kubeconfig } = this.#access;
    const { observeTrust } = await import("../trust/observed-trust.ts");
    const { throughApiServer, throughClusterIp } = await import("../trust/ways-within-cluster.ts");
    const waysTo: WaysTo = ({ cluster }) => {
      const source = async () => this.#source(cluster);
      const within = reach === "cluster-ip" ? throughClusterIp(source) : throughApiServer(source);
      return {
        // An exposed address may be out of reach from here; the way into the cluster is there anyway.
        exposed: () => undefined,
        within: (service, look) => this.#limit.run(() => within(service, look)),
      };
    };
    return observeTrust(
      plan,
      kubeconfig,
      waysTo,
      (source, reference) => this.#read(source.cluster ?? "", () => readObject(source, reference)),
      (cluster, task) => this.#read(cluster, task),
    );
  }

  /**
   * Something to be done before the run ends, whatever happens.
   * @returns does it now; what fails is tried again in the end
   */
  undo(action: () => Promise<void>): () => Promise<void> {
    return this.#givenBack.later("documents", action);
  }

  /** Gives back everything. @returns what could not be given back */
  async close(): Promise<string[]> {
    this.#closing = true;
    // If one part cannot be had, nobody waits for the others; yet what they open belongs to this run.
    await Promise.allSettled(this.#opening);
    return this.#givenBack.all();
  }

  /** Each API server keeps the connections that it has had for a while, so no cluster gets all that may be open. */
  #read<T>(cluster: string, task: () => Promise<T>): Promise<T> {
    const own = this.#reads.get(cluster) ?? new Limit(readsOfCluster);
    this.#reads.set(cluster, own);
    return own.run(() => this.#limit.run(task));
  }

  #peer(name: string): PlannedPeer {
    const peer = this.#plan.peers.get(name);
    if (!peer) throw new Error(`the topology has no peer "${name}"`);
    return peer;
  }

  #source(cluster: string): KubeconfigSource {
    const planned = this.#plan.clusters.get(cluster);
    return { cluster, kubeconfig: planned?.kubeconfig ?? this.#access.kubeconfig, context: planned?.context };
  }

  #kubeConfig(cluster: string) {
    return loadKubeConfig(this.#source(cluster));
  }

  #reach(cluster: string): Reach {
    const config = this.#kubeConfig(cluster);
    return this.#access.reach === "cluster-ip" ? clusterIpReach(config) : portForwardReach(config);
  }

  #api(peer: PlannedPeer): Promise<Endpoint> {
    return once(this.#apis, peer.name, async () => {
      const { apis } = this.#access;
      const url = Object.hasOwn(apis, peer.name) ? apis[peer.name] : peer.settings.api;
      if (url !== undefined) return fixedEndpoint(url);
      const { port } = this.#plan.operator.apiService;
      const name = apiServiceName(this.#plan.operator, peer.name);
      const service = { namespace: peer.namespace, name, port };
      return this.#way(peer.cluster, `Service ${peer.namespace}/${name}`, (reach) => reach.service(service));
    });
  }

  #management(cluster: string): Promise<ManagementApi> {
    return once(this.#managements, cluster, async () => {
      const { managementApis, reach } = this.#access;
      const given = Object.hasOwn(managementApis, cluster) ? managementApis[cluster] : undefined;
      const token = this.#managementToken(cluster, given);
      const kubectl = kubectlFor(this.#plan, cluster);
      if (given !== undefined)
        return new ManagementApi({ base: fixedEndpoint(given).url, cluster, token, kubectl }, this.#limit);
      const { namespace, deployment, port, service, servicePort } = this.#plan.operator.managementApi;
      // A Service's port leads nowhere from here, a pod's does: a forward goes to a pod.
      const endpoint =
        reach === "cluster-ip"
          ? await this.#way(cluster, `the operator's Service ${namespace}/${service}`, (way) =>
              way.service({ namespace, name: service, port: servicePort }),
            )
          : await this.#way(cluster, `the operator's Deployment ${namespace}/${deployment}`, (way) =>
              way.deployment({ namespace, name: deployment, port }),
            );
      return new ManagementApi({ base: endpoint.url, cluster, token, kubectl }, this.#limit);
    });
  }

  #managementToken(cluster: string, url: string | undefined) {
    if (this.#plan.operator.managementApi.authMode === "disabled") return undefined;
    const owner = this.#access.managementToken ?? "user";
    if (url !== undefined) needPrivateUrl(url, owner);
    return { owner, get: kubernetesToken(this.#kubeConfig(cluster), owner) };
  }

  /** Opens a way into a cluster, which is closed when the run ends.
   * @throws UnreadableError with the cluster, where what it leads to cannot be read */
  async #way(cluster: string, what: string, open: (reach: Reach) => Promise<Endpoint>): Promise<Endpoint> {
    const endpoint = await open(this.#reach(cluster)).catch((error: unknown) => {
      if (httpCode(error) === 404)
        throw new UnreadableError(
          `${what} is not in cluster "${cluster}"`,
          what.startsWith("the operator's")
            ? `install the operator there, or correct \`operator.managementApi\` (${runbook("operator-missing")})`
            : `check that the Big Peer is deployed and Ready (${runbook("peer-not-ready")})`,
          error,
        );
      throw unreadable(what, error, this.#source(cluster));
    });
    this.#givenBack.later("ways", () => endpoint.close());
    return endpoint;
  }

  async #key(app: string, peer: PlannedPeer): Promise<string> {
    const management = await this.#management(peer.cluster);
    const target: AppRef = { namespace: peer.namespace, peer: peer.name, app: appObjectName(app, peer.name) };
    const name = `${this.#keyName}-${peer.name}`.slice(0, 63);
    // Registered before the call: a key that was made while the answer was lost is deleted, too.
    let asked = false;
    this.#givenBack.later("keys", async () => {
      if (asked) await management.deleteKey(target, name);
    });
    await management.signIn();
    asked = true;
    const deadline = performance.now() + appPatienceMs;
    for (;;) {
      try {
        return await management.createKey(target, name, keyLifeMs);
      } catch (error) {
        if (error instanceof HttpError && (error.status === 401 || error.status === 403)) asked = false;
        const early = error instanceof HttpError && error.status === 404 && performance.now() < deadline;
        if (!early || this.#closing) throw error;
        await new Promise((resolve) => setTimeout(resolve, appPollMs));
      }
    }
  }
}
