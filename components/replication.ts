import type { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  log,
  Output,
  output,
  type ProviderResource,
} from "@pulumi/pulumi";
import { pausedText, replicationManifest, type Transform } from "../topology/objects/manifests.ts";
import { defaultOperator, type OperatorContract } from "../topology/operator/contract.ts";
import { ownProperty } from "../topology/own-property.ts";
import { replicationObjectName } from "../topology/plan/names.ts";
import { BigPeerApp } from "./big-peer-app.ts";
import { customResource } from "./kubernetes-object.ts";
import { type ReplicationTarget, replicationTarget } from "./replication-target.ts";
import type { InputJson, InputQueries } from "./topology-values.ts";

/** One peer's side of a replication: whom it dials and what it pulls. The two are independent (guide). */
export interface ReplicationSide {
  /**
   * The app on this peer; the app ID behind it is the same on every side. The name of a BigPeerApp that already exists is enough; `peer` and
   * `namespace` are then required.
   */
  readonly app: BigPeerApp | Input<string>;
  /** Name of the Big Peer. @default the Big Peer of the app */
  readonly peer?: string | undefined;
  /** Namespace of the Big Peer. @default the namespace of the app */
  readonly namespace?: Input<string> | undefined;
  /** Name of the BigPeerReplication: a DNS-1123 label, unique in its namespace. @default `<replication>-<peer>` */
  readonly name?: string | undefined;
  /** The queries that this peer subscribes to. Matching documents flow to it; if there are no queries, none do. @default none */
  readonly subscribes?: InputQueries | undefined;
  /**
   * The targets that this side dials: targets in the same cluster, and the `host:port` of targets that are exposed in others, as the `addressOf` of
   * an exposure returns it. If there are none, others dial this side.
   * @default none
   */
  readonly connections?: readonly (ReplicationTarget | Input<string>)[] | undefined;
  /**
   * The targets that this side will dial once the replication is resumed, if it is paused and `connections` is empty. They are written to an
   * annotation, for people and for `bigpeer import`.
   * @default none
   */
  readonly pausedConnections?: readonly (ReplicationTarget | Input<string>)[] | undefined;
  /**
   * The provider of this side's cluster. Deprecated, and prints a warning: pass the app of the side as a BigPeerApp instead.
   * @deprecated pass the app of the side as a BigPeerApp, whose cluster the side is in; or give each cluster a Replication of its own, with
   * `provider` in its options and the same `replication`
   * @default the provider of the app, else the provider of the component
   */
  readonly provider?: ProviderResource | undefined;
}

export interface ReplicationArgs {
  /**
   * The name of the replication, the same on every side; the names of the sides are composed from it.
   * @default the component's name
   */
  readonly replication?: string | undefined;
  /** The sides that this stack owns: both for a pair in one stack, or one if another stack owns the other side. */
  readonly sides: readonly ReplicationSide[];
  /** Any other fields of the `spec` of each side, passed through. */
  readonly spec?: Readonly<Record<string, InputJson>> | undefined;
  /** The assumptions made about the operator. @default those of this release */
  readonly operator?: OperatorContract | undefined;
  /** Changes the object, as the last step before it is written. */
  readonly transform?:
    | {
        /** Changes the BigPeerReplication of each side. */
        readonly replication?: Transform | undefined;
      }
    | undefined;
}

/**
 * A replication of one app between Big Peers, with one BigPeerReplication for each side.
 *
 * @example
 * // Both sides pull blue cars; bp1 dials. If you omit `subscribes` on the side of bp1, cars flow only one way, from bp1 to bp2.
 * const subscribes = { cars: ["color = 'blue'"] };
 * const dialled = new Replication("blue-cars-west", { replication: "blue-cars", sides: [{ app: carsOnBp2, subscribes }] });
 * const exposure = new TcpExposure("west", { controller, exposures: [dialled.target("bp2")], host: "bp.west.example.com" }, { provider: west });
 * const connections = [exposure.addressOf(dialled.target("bp2"))];
 * new Replication("blue-cars-east", { replication: "blue-cars", sides: [{ app: carsOnBp1, subscribes, connections }] });
 */
export class Replication extends ComponentResource {
  /** For each peer: in-cluster `host:port` of the Service that the operator creates for its side. */
  readonly addresses: Readonly<Record<string, Output<string>>>;
  /** For each peer: the target that its side offers to the peers that dial it. Pass it to an exposure as it is. */
  readonly targets: Readonly<Record<string, ReplicationTarget>>;
  /** For each peer: its BigPeerReplication. */
  readonly nodes: Readonly<Record<string, CustomResource>>;

  constructor(name: string, args: ReplicationArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:Replication", name, {}, opts);
    const contract = args.operator ?? defaultOperator;
    const replication = args.replication ?? name;
    const sides = args.sides.map((side) => settled(side, replication, name));
    if (args.sides.some(({ provider }) => provider !== undefined)) void log.warn(sideWithProvider, this);

    const objects = sides.map((side) => {
      const manifest = replicationManifest(contract, {
        name: side.name,
        namespace: side.namespace,
        peer: side.peer,
        app: side.app,
        connections: (side.connections ?? []).map(addressOf),
        paused: pausedValue(side.pausedConnections ?? []),
        queries: side.subscribes ?? {},
        spec: args.spec,
      });
      const options = { parent: this, ...(side.provider ? { provider: side.provider } : {}) };
      return [
        side.peer,
        customResource(`${name}/${side.peer}`, manifest, args.transform?.replication, options),
      ] as const;
    });

    this.nodes = Object.fromEntries(objects);
    this.targets = Object.fromEntries(
      sides.map((side, index) => {
        const after = objects[index]?.[1].id ?? output(undefined);
        return [side.peer, replicationTarget(contract, replication, { ...side, after })];
      }),
    );
    this.addresses = Object.fromEntries(Object.entries(this.targets).map(([peer, { address }]) => [peer, address]));
    this.registerOutputs({ addresses: this.addresses });
  }

  /**
   * Returns the target that the side of a peer offers to the peers that dial it. Pass it to an exposure as it is.
   * @throws Error if no side here belongs to that peer
   */
  target(peer: string): ReplicationTarget {
    const target = ownProperty(this.targets, peer);
    if (target) return target;
    throw new Error(`this replication has no side of "${peer}" here, only of: ${Object.keys(this.targets).join(", ")}`);
  }
}

function addressOf(connection: ReplicationTarget | Input<string>): Input<string> {
  return isTarget(connection) ? connection.address : connection;
}

/** An annotation is a string. Plain strings stay plain, so that a preview shows them. */
function pausedValue(connections: readonly (ReplicationTarget | Input<string>)[]): Input<string> | undefined {
  if (connections.length === 0) return undefined;
  const addresses = connections.map(addressOf);
  const texts = addresses.flatMap((each) => (typeof each === "string" ? [each] : []));
  return texts.length === addresses.length ? pausedText(texts) : output(addresses).apply(pausedText);
}

const sideWithProvider =
  "`provider` of a side is deprecated: pass the app of the side as a BigPeerApp, whose cluster the side is in; or give each cluster a Replication of " +
  "its own, with `provider` in its options and the same `replication`";

function isTarget(connection: ReplicationTarget | Input<string>): connection is ReplicationTarget {
  return typeof connection === "object" && "backend" in connection && !Output.isInstance(connection);
}

/**
 * A side, completed with the values of its app.
 * @throws Error if neither specifies the Big Peer
 */
function settled(side: ReplicationSide, replication: string, component: string) {
  const app = side.app instanceof BigPeerApp ? side.app : undefined;
  const peer = side.peer ?? app?.bigPeer?.peer;
  const namespace = side.namespace ?? app?.namespace;
  if (peer === undefined || namespace === undefined)
    throw new Error(
      `${component}: give \`peer\` and \`namespace\` of each side, or its app as a BigPeerApp of a BigPeer`,
    );
  const provider = side.provider ?? app?.nodes.app.getProvider("kubernetes:core/v1:Namespace");
  return {
    ...side,
    ...{ peer, namespace, provider, liveObject: app?.bigPeer?.liveObject },
    app: app ? app.name : side.app instanceof BigPeerApp ? side.app.name : side.app,
    name: side.name ?? replicationObjectName(replication, peer),
  };
}
