import type { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  interpolate,
  type Output,
  type ProviderResource,
} from "@pulumi/pulumi";
import type { Queries } from "../topology/file/queries.ts";
import { replicationManifest, type Transform } from "../topology/objects/manifests.ts";
import { defaultOperator, type OperatorContract } from "../topology/operator/contract.ts";
import { replicationServiceName } from "../topology/plan/names.ts";
import { customResource } from "./kubernetes-object.ts";

/** One peer's part in a replication: whom it dials and what it pulls. The two are independent (guide). */
export interface ReplicationSide {
  /** Name of the Big Peer. */
  readonly peer: string;
  /** Namespace of the Big Peer. */
  readonly namespace: Input<string>;
  /** Name of the BigPeerReplication: a DNS-1123 label, unique in its namespace. */
  readonly name: string;
  /** Name of the BigPeerApp on this peer; the app ID behind it is the same on every side. */
  readonly app: Input<string>;
  /** What this peer subscribes to. Documents that match flow to it; empty: none do. @default empty */
  readonly subscribes?: Queries | undefined;
  /** Whom it dials, each `host:port`. Empty: others dial it. @default empty */
  readonly connections?: readonly Input<string>[] | undefined;
  /** The provider of this side's cluster. @default the component's */
  readonly provider?: ProviderResource | undefined;
}

export interface ReplicationArgs {
  /** The sides that this stack owns: both for a pair in one stack, one where the other side is another stack's. */
  readonly sides: readonly ReplicationSide[];
  /** Anything else of the `spec` of each side, passed through. */
  readonly spec?: Readonly<Record<string, unknown>> | undefined;
  /** What is taken for granted about the operator. @default this release's knowledge of it */
  readonly operator?: OperatorContract | undefined;
  /** A last change to the object before it is written. */
  readonly transform?: { readonly replication?: Transform } | undefined;
}

/**
 * A replication of one app between Big Peers: one BigPeerReplication a side.
 *
 * @example
 * // Both pull blue cars; bp1 dials. Leave `subscribes` of bp1 out, and cars flow one way, from bp1 to bp2.
 * const blue = { cars: ["color = 'blue'"] };
 * new Replication("blue-cars", { sides: [
 *   { peer: "bp1", namespace: "ditto", name: "blue-cars-bp1", app: "cars-bp1", subscribes: blue, connections: ["bp.west.example.com:4040"], provider: east },
 *   { peer: "bp2", namespace: "ditto", name: "blue-cars-bp2", app: "cars-bp2", subscribes: blue, provider: west },
 * ] });
 */
export class Replication extends ComponentResource {
  /** For each peer: in-cluster `host:port` of the Service that the operator makes for its side. */
  readonly addresses: Readonly<Record<string, Output<string>>>;
  /** For each peer: its BigPeerReplication. */
  readonly nodes: Readonly<Record<string, CustomResource>>;

  constructor(name: string, args: ReplicationArgs, opts?: ComponentResourceOptions) {
    super("bigpeer:index:Replication", name, {}, opts);
    const contract = args.operator ?? defaultOperator;
    const { port } = contract.replicationService;

    const objects = args.sides.map((side) => {
      const manifest = replicationManifest(contract, {
        name: side.name,
        namespace: side.namespace,
        peer: side.peer,
        app: side.app,
        connections: side.connections ?? [],
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
    this.addresses = Object.fromEntries(
      args.sides.map((side) => {
        const service = replicationServiceName(contract, side.peer, side.name);
        return [side.peer, interpolate`${service}.${side.namespace}.svc.cluster.local:${port}`];
      }),
    );
    this.registerOutputs({ addresses: this.addresses });
  }
}
