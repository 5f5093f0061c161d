import type { Input } from "@pulumi/pulumi";
import type { IngressNginxExposure, TopologyExposure } from "./topology-exposure-args.ts";
import type { IssuerReference } from "./topology-issuer-reference.ts";
import type { TopologyOperator } from "./topology-operator-args.ts";
import type { TopologyAuth, TopologyPeer } from "./topology-peer-args.ts";
import type { InputJson, TopologyQueries } from "./topology-values.ts";

/**
 * A topology of Ditto Big Peers, in the form of a topology file. A value of another resource can be used wherever the type is an `Input`: the
 * topology waits for the value, and its resource stays as long as the topology does. In a preview that does not know such a value yet, everything
 * that depends on it is unknown, too.
 */
export interface TopologyArgs {
  /** The place where an editor finds the JSON Schema of this file. */
  readonly $schema?: string | undefined;
  /** Decides what is refused; production is stricter than development. @default production */
  readonly environment?: "development" | "production" | undefined;
  /** What this project assumes about the operator; change it where yours differs. */
  readonly operator?: TopologyOperator | undefined;
  /** Peers that may be deleted, with the documents that only they hold. Needed in production. @default none */
  readonly confirmRemoval?: readonly string[] | undefined;
  /** Peers and apps (`peers.bp1`, `apps.cars`) that a change may recreate, without their documents. @default none */
  readonly allowReplace?: readonly string[] | undefined;
  /**
   * Peers whose place another one has taken, each with its standby: every replication links the standby instead. Written and removed by `bigpeer
   * failover`.
   */
  readonly failover?: Readonly<Record<string, string>> | undefined;
  /**
   * How long the former CA of a peer is trusted at most, beside the present one, such as 90d; it is removed sooner if the peer is seen to use only
   * the new one. 0d: not at all, for a CA whose key has leaked.
   * @default until it expires
   */
  readonly keepFormerCa?: string | undefined;
  /**
   * The cert-manager issuer that signs the CA of every Big Peer. Others then trust the issuer's CA, in one Secret for all Big Peers of that
   * issuer. No public source says whether a Big Peer sends its CA along with its certificate, as it has to for that: try it on development
   * Big Peers, and prove it with `bigpeer verify`.
   * @default each Big Peer has a CA of its own
   */
  readonly caIssuer?: IssuerReference | undefined;
  /** The Kubernetes clusters, by name. */
  readonly clusters: Readonly<Record<string, TopologyCluster>>;
  /** The Big Peers, by name, which is also the name of the BigPeer. */
  readonly peers: Readonly<Record<string, TopologyPeer>>;
  /** The apps, by name. */
  readonly apps?: Readonly<Record<string, TopologyApp>> | undefined;
  /** What replicates where, by name. */
  readonly replications?: Readonly<Record<string, TopologyReplication>> | undefined;
  /** The waves in which `bigpeer deploy` goes through the stacks of a topology file. Nothing in a cluster depends on them. @default none */
  readonly waves?: readonly TopologyWave[] | undefined;
}

/** A wave of stacks, which are deployed and verified before the stacks of the next wave. */
export interface TopologyWave {
  /** The name in reports. @default what the wave selects */
  readonly name?: string | undefined;
  /** Selects the stacks that own a cluster or a peer with these labels: name -> value, or a list of values. @default any stack */
  readonly labels?:
    | Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>
    | undefined;
  /** Selects at most this many of these stacks: a number, or a share of all that have the labels, such as `10%`. @default all that are left */
  readonly stacks?: number | string | undefined;
  /** More waves like this one follow, until it has taken all of these stacks. Needs `stacks`. */
  readonly repeat?: true | undefined;
}

/** A Kubernetes cluster. */
export interface TopologyCluster {
  /** Context in the kubeconfig. A renamed cluster is recognised by it. @default the cluster's name */
  readonly context?: Input<string> | undefined;
  /** Path of the kubeconfig. @default config `bigpeer:kubeconfig`, then KUBECONFIG, then ~/.kube/config */
  readonly kubeconfig?: Input<string> | undefined;
  /** Namespace of its Big Peers. @default ditto */
  readonly namespace?: Input<string> | undefined;
  /**
   * Labels, by name, such as `{ region: eu, store: s-17 }`. Members of apps and replications, and defaults, are chosen by them, and queries may use
   * their values.
   */
  readonly labels?: Readonly<Record<string, string | number | boolean>> | undefined;
  /**
   * The Pulumi stack that owns this cluster: `stack`, `project/stack` or `organization/project/stack`. Where no cluster names one, each
   * stack owns all, or what its `bigpeer:clusters` lists.
   */
  readonly stack?: string | undefined;
  /** `none`: nobody outside can dial in, so its peers always initiate. */
  readonly inbound?: "none" | undefined;
  /**
   * The cluster is gone for good, with its Big Peers. Nothing is written to it, nobody trusts or dials its peers any longer, and what its stack
   * remembers of it is forgotten. Refused while it still answers.
   */
  readonly lost?: true | undefined;
  /**
   * How its targets are reached from other clusters: one way, or the names of `exposures`. The first of several names is dialled, and the others stay
   * open beside it.
   */
  readonly exposure?: TopologyExposure | string | readonly string[] | undefined;
  /** Ways by name; `exposure` of the cluster, or of a peer, names those that are used. */
  readonly exposures?: Readonly<Record<string, TopologyExposure>> | undefined;
  /** The former spelling of `exposure: { ingressNginx: … }`. */
  readonly ingress?: IngressNginxExposure | undefined;
  /** The former spelling of `exposures` with ingress-nginx controllers; a peer names the one it uses. */
  readonly ingresses?: Readonly<Record<string, IngressNginxExposure>> | undefined;
}

/** An app (v5 of the SDKs calls it a database). */
export interface TopologyApp {
  /** App ID (UUID), the same on every peer. @default generated once */
  readonly id?: Input<string> | undefined;
  /** The Big Peers that serve it. */
  readonly peers: readonly string[];
  /** Auth providers of this app alone. */
  readonly auth?: TopologyAuth | undefined;
  /**
   * Its BigPeerApps may exist already, made by somebody else, and are taken over: `true`, or a list of the peers where they do. Give `id`,
   * too. Needed in production, for one update.
   */
  readonly adopt?: true | readonly string[] | undefined;
  /** Anything else of BigPeerApp.spec, passed through verbatim on every peer. */
  readonly spec?: Readonly<Record<string, InputJson>> | undefined;
  /** Every collection that it writes; queries on others are then refused. */
  readonly collections?: readonly string[] | undefined;
}

/** A replication, in one of four forms: between, from/to, hub/spokes, mesh. */
export interface TopologyReplication {
  /** The app whose documents flow. */
  readonly app: string;
  /** Both subscribe; the first dials. */
  readonly between?: readonly string[] | undefined;
  /** One-way: the source. It never subscribes. */
  readonly from?: string | undefined;
  /** One-way: the only one that subscribes. */
  readonly to?: string | undefined;
  /**
   * `host:port` of the target, or of each target by peer, if somebody else exposes it. The first of a list is dialled, and the others stay open
   * beside it.
   */
  readonly address?:
    | Input<string>
    | readonly Input<string>[]
    | Readonly<Record<string, Input<string> | readonly Input<string>[]>>
    | undefined;
  /** One-to-many: the peer that the spokes dial. */
  readonly hub?: string | undefined;
  /** One-to-many: the peers around the hub. */
  readonly spokes?: readonly string[] | undefined;
  /** Every peer with every other peer, each pair dialled once. */
  readonly mesh?: readonly string[] | undefined;
  /** What each subscriber pulls: collection -> DQL predicates. */
  readonly queries?: TopologyQueries | undefined;
  /** Hub and spokes: what the hub subscribes to at each spoke. */
  readonly up?: TopologyQueries | undefined;
  /** Hub and spokes: what each spoke subscribes to at the hub. */
  readonly down?: TopologyQueries | undefined;
  /** Hub and spokes: what one spoke subscribes to at the hub in addition to `down`: spoke -> collection -> DQL predicates. */
  readonly perSpoke?: Readonly<Record<string, TopologyQueries>> | undefined;
  /** Who dials: a peer's name, or `from` or `to`. It does not determine where data flows. */
  readonly dial?: string | undefined;
  /** Pins the exposed port of the target, or of each target by peer, or of each way by peer and the name of the way. */
  readonly port?: number | Readonly<Record<string, number | Readonly<Record<string, number>>>> | undefined;
  /** `true` closes its connections until it is resumed: no documents flow. Its objects, subscriptions, trust and ports stay. */
  readonly paused?: boolean | undefined;
  /**
   * Its BigPeerReplications may exist already, made by somebody else, and are taken over: `true`, or a list of the peers where they do.
   * Needed in production, for one update.
   */
  readonly adopt?: true | readonly string[] | undefined;
  /** For `verify`: collection -> fields of a document that the queries match. */
  readonly probe?: Readonly<Record<string, Readonly<Record<string, InputJson>>>> | undefined;
  /** Anything else of BigPeerReplication.spec, passed through verbatim on every side. */
  readonly spec?: Readonly<Record<string, InputJson>> | undefined;
}
