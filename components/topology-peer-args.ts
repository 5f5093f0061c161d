import type { Input } from "@pulumi/pulumi";
import type { IssuerReference } from "./topology-issuer-reference.ts";
import type { InputJson, TopologyQueries } from "./topology-values.ts";

/** A Big Peer. */
export interface TopologyPeer {
  /** The cluster it runs in. */
  readonly cluster: string;
  /** Namespace that it runs in. @default the cluster's */
  readonly namespace?: Input<string> | undefined;
  /**
   * Labels, by name, such as `{ region: eu, store: s-17 }`. Members of apps and replications, and defaults, are chosen by them, and queries may use
   * their values.
   */
  readonly labels?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Version of the Big Peer, three numbers such as 1.63.2. Required, since the operator has no default. */
  readonly version: string;
  /** Which of the cluster's `ingresses` exposes it: the former spelling of `exposure`. */
  readonly ingress?: string | undefined;
  /**
   * Which of the cluster's ways expose it; `default` is the cluster's own `exposure` or `ingress`. The first of several is dialled, and the others
   * stay open beside it.
   * @default as the cluster says
   */
  readonly exposure?: string | readonly string[] | undefined;
  /**
   * Name or address under which other clusters reach it, where somebody else exposes it. The port is the replication's `port`, or the
   * operator's (4040).
   */
  readonly address?: Input<string> | readonly Input<string>[] | undefined;
  /** The store, which keeps the documents. Settings that you leave out have the operator's defaults. */
  readonly store?: TopologyStore | undefined;
  /** The subscription server. Settings that you leave out have the operator's defaults. */
  readonly subscriptions?: TopologySubscriptions | undefined;
  /** Image settings, as in BigPeer.spec.image. */
  readonly image?: Readonly<Record<string, InputJson>> | undefined;
  /** Names of image pull Secrets. */
  readonly imagePullSecrets?: readonly Input<string>[] | undefined;
  /** Host name of its HTTP API (BigPeer.spec.network.ingress.host). */
  readonly host?: Input<string> | undefined;
  /**
   * If true, Kafka listens for clients outside the cluster. The listener needs an Ingress controller, without which the Big Peer never
   * becomes Ready; only Kafka data bridges need it.
   * @default false, or the operator's default (true) where ingress-nginx or F5 NGINX is among the cluster's exposures, or the peer has a
   * `host`
   */
  readonly kafkaListener?: boolean | undefined;
  /** Who may sign in, and with which permissions. */
  readonly auth?: TopologyAuth | undefined;
  /** Seconds to wait until it is Ready. @default 900 */
  readonly readyTimeout?: number | undefined;
  /** Base URL of its HTTP API for `verify`. @default found through the cluster */
  readonly api?: Input<string> | undefined;
  /** Collections from which documents are evicted here; their subscriptions should have a time bound. */
  readonly evicts?: readonly string[] | undefined;
  /**
   * The BigPeer, and the Secrets by which it trusts others, may exist already, made by somebody else: they are taken over as they run, and
   * what differs from this file is changed. Needed in production, for one update.
   */
  readonly adopt?: true | undefined;
  /** How long a former CA of this peer is trusted at most, such as 90d. @default the topology's `keepFormerCa` */
  readonly keepFormerCa?: string | undefined;
  /**
   * Names of the Secrets by which it trusts others, keyed by the trusted peer, such as `{ bp2: ca-of-the-west }`; several peers may share one. They
   * are written like the others.
   * @default `<peer>-trusts-<other>`
   */
  readonly trustSecrets?: Readonly<Record<string, string>> | undefined;
  /**
   * Names of further Secrets with CA certificates that it trusts, which somebody else makes: the BigPeer lists them, and nothing is written
   * into them.
   */
  readonly otherTrustSecrets?: readonly string[] | undefined;
  /** The cert-manager issuer that signs the CA of this peer; `none`: it has a CA of its own. @default the topology's `caIssuer` */
  readonly caIssuer?: IssuerReference | "none" | undefined;
  /** Anything else of BigPeer.spec, passed through verbatim. */
  readonly spec?: Readonly<Record<string, InputJson>> | undefined;
}

/** The store, which keeps the documents. Settings that you leave out have the operator's defaults. */
export interface TopologyStore {
  /** A whole number: the replicas of the store. */
  readonly replicas?: number | undefined;
  /** A whole number: the partitions of the store. */
  readonly partitions?: number | undefined;
  /** Minimum replication factor: the least number of copies of a document. */
  readonly mrf?: number | undefined;
  /** A Kubernetes quantity, such as 10Gi: the size of each replica's volume. */
  readonly storage?: string | undefined;
  /** Requests and limits, as in a Kubernetes container. */
  readonly resources?: TopologyResources | undefined;
}

/** Requests and limits, as in a Kubernetes container. */
export interface TopologyResources {
  /** The reserved cpu and memory, each as a Kubernetes quantity. */
  readonly requests?: Readonly<Record<string, string>> | undefined;
  /** The maximum of cpu and memory, each as a Kubernetes quantity. */
  readonly limits?: Readonly<Record<string, string>> | undefined;
}

/** The subscription server. Settings that you leave out have the operator's defaults. */
export interface TopologySubscriptions {
  /** A whole number: the replicas of the subscription server. */
  readonly replicas?: number | undefined;
  /** Requests and limits, as in a Kubernetes container. */
  readonly resources?: TopologyResources | undefined;
}

/** Who may sign in, and with which permissions. */
export interface TopologyAuth {
  /** Anonymous access for everybody who has the token, for development only. */
  readonly playground?: TopologyPlayground | undefined;
  /** Token webhooks: provider name -> URL that the Big Peer asks about a client's token. */
  readonly webhooks?: Readonly<Record<string, TopologyWebhook>> | undefined;
}

/** Anonymous access for everybody who has the token, for development only. */
export interface TopologyPlayground {
  /** The shared token of SDKs with an OnlinePlayground identity. @default generated */
  readonly token?: Input<string> | TopologySecret | undefined;
  /** Seconds until a client signs in again. The default is a week. */
  readonly sessionLength?: number | undefined;
  /** What a client that signs in through this provider may read and write. */
  readonly permissions?: TopologyPermissions | undefined;
}

/** What a client that signs in through this provider may read and write. */
export interface TopologyPermissions {
  /** "everything", "nothing", or collection -> DQL predicates. */
  readonly read?: TopologyPermission | undefined;
  /** "everything", "nothing", or collection -> DQL predicates. */
  readonly write?: TopologyPermission | undefined;
}

/** A token webhook. */
export interface TopologyWebhook {
  /** A whole URL, such as https://auth.example.com/ditto. */
  readonly url: Input<string>;
}

/** Everything, nothing, or the documents of collections that match DQL predicates. */
export type TopologyPermission = "everything" | "nothing" | TopologyQueries;

/** A secret of the stack's configuration. */
export interface TopologySecret {
  /** Its key: `pulumi config set --secret bigpeer:<key>`. */
  readonly config: string;
}
