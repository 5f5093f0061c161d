import { apiVersionOf } from "../topology/objects/manifests.ts";
import type { ObjectReference } from "../topology/objects/object-reference.ts";
import { appObjectName } from "../topology/plan/names.ts";
import type { Plan, PlannedPeer } from "../topology/plan/plan.ts";
import { fieldAt } from "../topology/value-at.ts";

/** Reads an object of a cluster; undefined where it is not there. */
export type ReadLive = (cluster: string, reference: ObjectReference) => Promise<unknown>;

/** What the operator's custom resources say of themselves in the clusters of a plan. */
export class LiveObjects {
  readonly #plan: Plan;
  readonly #read: ReadLive;

  constructor(plan: Plan, read: ReadLive) {
    this.#plan = plan;
    this.#read = read;
  }

  /** Tells whether the operator reports one side of a replication as connected; undefined where it says nothing. */
  async connected(replication: string, peer: string): Promise<{ status: boolean; message: string } | undefined> {
    const object = await this.#side(replication, peer);
    const conditions = fieldAt(object, "status.conditions");
    const found = (Array.isArray(conditions) ? conditions : []).find((each) => fieldAt(each, "type") === "Connected");
    return found === undefined
      ? undefined
      : { status: fieldAt(found, "status") === "True", message: String(fieldAt(found, "message") ?? "") };
  }

  /** What one side of a replication subscribes to in its cluster; undefined where the topology has no such side. */
  async subscription(replication: string, peer: string, collection: string): Promise<string[] | undefined> {
    const object = await this.#side(replication, peer);
    if (object === undefined) return undefined;
    const all = fieldAt(object, this.#plan.operator.fields.replication.queriesByCollection);
    const queries = Object.entries(Object(all)).find(([name]) => name === collection)?.[1];
    return Array.isArray(queries) ? queries.map(String) : [];
  }

  /** The ID of an app on a peer, as deployed, since it may be generated. */
  async appId(app: string, peer: PlannedPeer): Promise<string> {
    const name = appObjectName(app, peer.name);
    const object = await this.#object(peer, this.#plan.operator.kinds.app, name);
    const id = fieldAt(object, this.#plan.operator.fields.app.appId);
    if (typeof id === "string") return id;
    throw new Error(`BigPeerApp ${peer.namespace}/${name} has no app ID yet; run pulumi up`);
  }

  /** One side of a replication; undefined where the topology has no such side. */
  async #side(replication: string, peerName: string): Promise<unknown> {
    const side = this.#plan.replications.get(replication)?.sides.find(({ peer }) => peer === peerName);
    const peer = this.#plan.peers.get(peerName);
    return side && peer ? this.#object(peer, this.#plan.operator.kinds.replication, side.name) : undefined;
  }

  async #object({ namespace, cluster }: PlannedPeer, kind: string, name: string): Promise<unknown> {
    const reference = { apiVersion: apiVersionOf(this.#plan.operator), kind, namespace, name };
    const object = await this.#read(cluster, reference);
    if (object === undefined)
      throw new Error(`${kind} ${namespace}/${name} does not exist in cluster "${cluster}"; run pulumi up`);
    return object;
  }
}
