import type { LabelSelector, Labels } from "../expand/schema.ts";
import type { App } from "../file/app.ts";
import type { Auth } from "../file/auth.ts";
import type { CaIssuer } from "../file/ca-issuer.ts";
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
 * The plan, the only place that determines names, addresses, ports, sides, trust and queries. Components carry it out, rules check it, and verify
 * probes it. It is a pure function of the topology.
 */
export interface Plan {
  readonly environment: Topology["environment"];
  readonly operator: OperatorContract;
  /** Peers that may be deleted. */
  readonly confirmRemoval: ReadonlySet<string>;
  /** `peers.<name>` and `apps.<name>` that a change may recreate. */
  readonly allowReplace: ReadonlySet<string>;
  /** Peers whose place another one has taken in every replication, each with its standby. */
  readonly failover: ReadonlyMap<string, string>;
  readonly clusters: ReadonlyMap<string, PlannedCluster>;
  /** Clusters that are gone for good. Nothing else in the plan belongs to them. */
  readonly lost: ReadonlyMap<string, PlannedCluster>;
  readonly peers: ReadonlyMap<string, PlannedPeer>;
  readonly apps: ReadonlyMap<string, PlannedApp>;
  readonly replications: ReadonlyMap<string, PlannedReplication>;
  /** Every target that a peer of another cluster dials, once for each way in which it is exposed. */
  readonly exposures: readonly PlannedExposure[];
  /** How `bigpeer deploy` goes through the stacks. Nothing in a cluster depends on it. */
  readonly waves: readonly PlannedWave[];
}

/** Stacks that are deployed together, before the stacks of the next wave. */
export interface PlannedWave {
  readonly name: string;
  /** Labels that at least one cluster or peer of a stack has; undefined: any stack. */
  readonly labels: LabelSelector | undefined;
  /** At most this many of these stacks; undefined: all that are left. */
  readonly most: { readonly stacks: number } | { readonly percent: number } | undefined;
  /** True if more waves like this one follow until none of these stacks is left. */
  readonly repeat: boolean;
}

export interface PlannedCluster {
  readonly name: string;
  readonly labels: Labels;
  readonly context: string;
  readonly kubeconfig: string | undefined;
  readonly namespace: string;
  /** The Pulumi stack that owns the cluster, if the topology names it. */
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
  /** The labels of its cluster and its own labels, which take precedence. */
  readonly labels: Labels;
  readonly settings: Omit<Peer, "caIssuer"> & { readonly caIssuer?: CaIssuer };
  /** The issuer that signs its CA; undefined: it has a CA of its own. */
  readonly issuer: CaIssuer | undefined;
  /** The Secret in which the operator keeps its CA. */
  readonly caSecret: string;
  /** The data key of that Secret with the certificates by which others trust it: the certificates of its own CA, or of its issuer's. */
  readonly caKey: string;
  /** The setting of the topology that specifies that key. */
  readonly caKeySetting: string;
  /** In-cluster `host:port` of its HTTP API. */
  readonly apiAddress: string;
  /** True if the engine refuses to delete it. */
  readonly protect: boolean;
  /** How long a former CA of it is trusted at most, in milliseconds; undefined: until it expires. */
  readonly keepFormerCaMs: number | undefined;
  /** The peers with which it has a link: first the peers whose Secret the file names, then in the order of the file. */
  readonly trusts: readonly PlannedTrust[];
  /** Secrets of somebody else with CAs that it also trusts: they are listed, and never written. */
  readonly otherTrustSecrets: readonly string[];
}

export interface PlannedTrust {
  readonly peer: string;
  /**
   * The Secret with that peer's CA certificate, in the truster's namespace: one for each, one for all of an issuer (`caIssuer`), one for all
   * (`operator.trustSecret.bundle`), or the one that the topology names (`trustSecrets`).
   */
  readonly secret: string;
  /** The issuer whose CA is trusted instead of that peer's own. */
  readonly issuer?: CaIssuer;
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
  /** Objects of it that may be taken over from somebody else. */
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
  /** The links, each with the peer that dials, even while the replication is paused. */
  readonly links: readonly Link[];
  /** True if nobody dials for the time being, so that no documents flow. Everything else of the replication stays. */
  readonly paused: boolean;
  readonly probe: ReplicationEntry["probe"];
  /** Further fields of each BigPeerReplication's `spec`. */
  readonly spec: ReplicationEntry["spec"];
  /** Objects of it that may be taken over from somebody else. */
  readonly adopt: ReplicationEntry["adopt"];
}

/** One BigPeerReplication: the connections and subscriptions of one peer in one replication. */
export interface PlannedSide {
  /** Name of the BigPeerReplication. */
  readonly name: string;
  readonly peer: string;
  readonly cluster: string;
  readonly namespace: string;
  /** Name of the BigPeerApp on the same peer. */
  readonly appObject: string;
  readonly subscribes: Queries;
  /** The connections that it dials, or will dial once the replication is resumed. Empty on a pure target (guide: the target has no connections). */
  readonly connections: readonly PlannedConnection[];
  /** The connections that are written into the object: the same, or none while the replication is paused. */
  readonly openConnections: readonly PlannedConnection[];
  /** True if somebody dials it. */
  readonly target: boolean;
  /** In-cluster `host:port` of the Service that the operator creates for it. */
  readonly serviceAddress: string;
}

export interface PlannedConnection {
  readonly peer: string;
  readonly address: Address;
}

/** The way in which one peer reaches another: by DNS inside a cluster, else through what the target's cluster exposes. */
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
  /** True if others dial it in this way. If false, this way is open in addition to the one in which they dial it. */
  readonly dialled: boolean;
  /**
   * The entry of the file that determines which addresses or ways the target has, and in which order: everything that shares the entry shares the
   * order.
   */
  readonly listedBy: "replication" | "peer" | "cluster";
  /** What the port leads to: `namespace`, Service name and its port. */
  readonly backend: { readonly namespace: string; readonly service: string; readonly port: number };
  /** Name of the objects that are written for this target alone, in its namespace. */
  readonly object: string;
  /** The values of placeholders, by their names. */
  readonly names: Readonly<Record<(typeof exposurePlaceholders)[number], string>>;
  /** The host that others dial; undefined: only the cluster knows it. */
  readonly host: string | undefined;
}
