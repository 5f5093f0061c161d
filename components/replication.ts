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

/** One peer's part in a replication: whom it dials and what it pulls. The two are independent (guide). */
export interface ReplicationSide {
  /**
   * The app on this peer; the app ID behind it is the same on every side. A name is enough for one that exists already;
   * then `peer` and `namespace` are needed.
   */
  readonly app: BigPeerApp | Input<string>;
  /** Name of the Big Peer. @default that of the app */
  readonly peer?: string | undefined;
  /** Namespace of the Big Peer. @default that of the app */
  readonly namespace?: Input<string> | undefined;
  /** Name of the BigPeerReplication: a DNS-1123 label, unique in its namespace. @default `<replication>-<peer>` */
  readonly name?: string | undefined;
  /** What this peer subscribes to. Documents that match flow to it; empty: none do. @default empty */
  readonly subscribes?: InputQueries | undefined;
  /**
   * Whom it dials: targets in the same cluster, and `host:port` of what is exposed in others, as `addressOf` of an exposure gives it. Empty: others
   * dial it. @default empty
   */
  readonly connections?: readonly (ReplicationTarget | Input<string>)[] | undefined;
  /**
   * Whom it will dial, while the replication is paused and `connections` is empty. It is written as an annotation for people and for
   * `bigpeer import`. @default nobody
   */
  readonly pausedConnections?: readonly (ReplicationTarget | Input<string>)[] | undefined;
  /**
   * Deprecated: it prints a warning. The provider of this side's cluster: pass the app of the side as a BigPeerApp instead.
   * @deprecated pass the app of the side as a BigPeerApp, whose cluster the side is in; or give each cluster a Replication of its own, with
   * `provider` in its options and the same `replication`
   * @default that of the app, else the component's
   */
  readonly provider?: ProviderResource | undefined;
}

export interface ReplicationArgs {
  /**
   * The name of the replication, the same on every side; the names of the sides are composed from it.
   * @default the component's name
   */
  readonly replication?: string | undefined;
  /** The sides that this stack owns: both for a pair in one stack, one where the other side is another stack's. */
  readonly sides: readonly ReplicationSide[];
  /** Anything else of the `spec` of each side, passed through. */
  readonly spec?: Readonly<Record<string, InputJson>> | undefined;
  /** What is taken for granted about the operator. @default this release's knowledge of it */
  readonly operator?: OperatorContract | undefined;
  /** A last change to the object before it is written. */
  readonly transform?:
    | {
        /** To the BigPeerReplication of each side. */
        readonly replication?: Transform | undefined;
      }
    | undefined;
}

/**
 * A replication of one app between Big Peers: one BigPeerReplication a side.
 *
 * @example
 * // Both pull blue cars; bp1 dials. Leave `subscribes` of bp1 out, and cars flow one way, from bp1 to bp2.
 * const subscribes = { cars: ["color = 'blue'"] };
 * const dialled = new Replication("blue-cars-west", { replication: "blue-cars", sides: [{ app: carsOnBp2, subscribes }] });
 * const exposure = new TcpExposure("west", { controller, exposures: [dialled.target("bp2")], host: "bp.west.example.com" }, { provider: west });
 * const connections = [exposure.addressOf(dialled.target("bp2"))];
 * new Replication("blue-cars-east", { replication: "blue-cars", sides: [{ app: carsOnBp1, subscribes, connections }] });
 */
export class Replication extends ComponentResource {
  /** For each peer: in-cluster `host:port` of the Service that the operator makes for its side. */
  readonly addresses: Readonly<Record<string, Output<string>>>;
  /** For each peer: the target that its side offers to those who dial it. An exposure takes it as it is. */
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
   * The target that the side of a peer offers to those who dial it. An exposure takes it as it is.
   * @throws Error if no side here is of that peer
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

/** An annotation is a text. What is a plain text stays one, so that a preview shows it. */
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
 * A side, completed by what its app knows.
 * @throws Error where neither gives the Big Peer
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
