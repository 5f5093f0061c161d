import type { App } from "../file/app.ts";
import type { Auth } from "../file/auth.ts";
import type { Ingress, Way } from "../file/exposure.ts";
import type { exposurePlaceholders } from "../file/exposure-fields.ts";
import type { Peer } from "../file/peer.ts";
import type { Queries } from "../file/queries.ts";
import type { ReplicationEntry } from "../file/replication.ts";
import type { Topology } from "../file/schema.ts";
import type { OperatorContract } from "../operator/contract.ts";
import type { Form, Link } from "./forms.ts";
import type { ClusterWay } from "./ways.ts";

/**
 * The plan: names, addresses, ports, sides, trust and queries are decided here and nowhere else. Components carry the
 * plan out, rules judge it, verify probes it. It is a pure function of the topology.
 */
export interface Plan {
  readonly environment: Topology["environment"];
  readonly operator: OperatorContract;
  /** Peers that may be deleted. */
  readonly confirmRemoval: ReadonlySet<string>;
  /** `peers.<name>` and `apps.<name>` that a change may recreate. */
  readonly allowReplace: ReadonlySet<string>;
  readonly clusters: ReadonlyMap<string, PlannedCluster>;
  /** Clusters that are gone for good. Nothing else in the plan belongs to them. */
  readonly lost: ReadonlyMap<string, PlannedCluster>;
  readonly peers: ReadonlyMap<string, PlannedPeer>;
  readonly apps: ReadonlyMap<string, PlannedApp>;
  readonly replications: ReadonlyMap<string, PlannedReplication>;
  /** Every target that a peer of another cluster dials, once for each way in which it is exposed. */
  readonly exposures: readonly PlannedExposure[];
}

export interface PlannedCluster {
  readonly name: string;
  readonly context: string;
  readonly kubeconfig: string | undefined;
  readonly namespace: string;
  /** The Pulumi stack that owns the cluster, where the topology says it. */
  readonly stack: string | undefined;
  readonly closed: boolean;
  /** How its targets can be exposed, by name: `default`, or one of the cluster's `ingresses` and `exposures`. */
  readonly ways: ReadonlyMap<string, ClusterWay>;
  /** The ingress-nginx controllers among them. */
  readonly ingresses: ReadonlyMap<string, Ingress>;
}

export interface PlannedPeer {
  readonly name: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly settings: Peer;
  /** The Secret in which the operator keeps its CA. */
  readonly caSecret: string;
  /** In-cluster `host:port` of its HTTP API. */
  readonly apiAddress: string;
  /** True if the engine refuses to delete it. */
  readonly protect: boolean;
  /** How long a former CA of it is trusted at most, in milliseconds; undefined: until it expires. */
  readonly keepFormerCaMs: number | undefined;
  /** The peers that it has a link with, in the order of the file. */
  readonly trusts: readonly PlannedTrust[];
}

export interface PlannedTrust {
  readonly peer: string;
  /** The Secret with that peer's CA certificate, in the truster's namespace. */
  readonly secret: string;
}

export interface PlannedApp {
  readonly name: string;
  /** UUID; undefined: generated once, by the stack that owns `idOwner`'s cluster. */
  readonly id: string | undefined;
  readonly idOwner: string;
  /** True if the engine refuses to delete it. */
  readonly protect: boolean;
  readonly auth: Auth | undefined;
  /** Further fields of each BigPeerApp's `spec`. */
  readonly spec: App["spec"];
  /** Which of its objects may be taken over from somebody else. */
  readonly adopt: App["adopt"];
  readonly objects: readonly PlannedAppObject[];
}

export interface PlannedAppObject {
  readonly name: string;
  readonly peer: string;
  readonly cluster: string;
  readonly namespace: string;
}

export interface PlannedReplication {
  readonly name: string;
  readonly app: string;
  readonly form: Form;
  readonly sides: readonly PlannedSide[];
  readonly links: readonly Link[];
  readonly probe: ReplicationEntry["probe"];
  /** Further fields of each BigPeerReplication's `spec`. */
  readonly spec: ReplicationEntry["spec"];
  /** Which of its objects may be taken over from somebody else. */
  readonly adopt: ReplicationEntry["adopt"];
}

/** One BigPeerReplication: what one peer dials and subscribes to in one replication. */
export interface PlannedSide {
  /** Name of the BigPeerReplication. */
  readonly name: string;
  readonly peer: string;
  readonly cluster: string;
  readonly namespace: string;
  /** Name of the BigPeerApp on the same peer. */
  readonly appObject: string;
  readonly subscribes: Queries;
  /** Empty on a pure target (guide: the target has no connections). */
  readonly connections: readonly PlannedConnection[];
  /** True if somebody dials it. */
  readonly target: boolean;
  /** In-cluster `host:port` of the Service that the operator makes for it. */
  readonly serviceAddress: string;
}

export interface PlannedConnection {
  readonly peer: string;
  readonly address: Address;
}

/** How one peer reaches another: inside a cluster by DNS, else by what the target's cluster exposes. */
export type Address =
  | { readonly kind: "in-cluster"; readonly address: string }
  | { readonly kind: "host"; readonly address: string; readonly exposure: string }
  | {
      /** Only the target's cluster knows the host: it is in the status of a Service or of a Gateway. */
      readonly kind: "load-balancer";
      readonly cluster: string;
      readonly ingress: string;
      readonly port: number;
      readonly exposure: string;
    };

/** A target that peers of other clusters dial, in one of the ways in which it is exposed. */
export interface PlannedExposure {
  /** See `exposureId`. */
  readonly id: string;
  readonly cluster: string;
  /** Name of the way: `default`, or one of the cluster's `ingresses` or `exposures`. */
  readonly ingress: string;
  readonly way: Way;
  readonly replication: string;
  readonly peer: string;
  /** The port that others dial. */
  readonly port: number;
  /** True if the file pins the port. */
  readonly pinned: boolean;
  /** True if others dial it in this way. If false, it is open in addition to the way in which they dial it. */
  readonly dialled: boolean;
  /** What the port leads to: `namespace`, Service name and its port. */
  readonly backend: { readonly namespace: string; readonly service: string; readonly port: number };
  /** Name of the objects that are written for it alone, in its namespace. */
  readonly object: string;
  /** What placeholders stand for, by their names. */
  readonly names: Readonly<Record<(typeof exposurePlaceholders)[number], string>>;
  /** The host that others dial; undefined: the cluster knows it. */
  readonly host: string | undefined;
}
