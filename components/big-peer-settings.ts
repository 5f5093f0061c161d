import type { Input } from "@pulumi/pulumi";
import type { IssuerReference } from "./topology-issuer-reference.ts";
import type { InputJson } from "./topology-values.ts";

/** The settings of a Big Peer. Each of them can be a value of another resource. */
export interface BigPeerSettings {
  /** Version of the Big Peer, three numbers such as 1.63.2. Required, since the operator has no default. */
  readonly version: Input<string>;
  /** The store, which keeps the documents. The operator's defaults apply to everything that you leave out. */
  readonly store?: BigPeerStore | undefined;
  /** The subscription server. The operator's defaults apply to everything that you leave out. */
  readonly subscriptions?: BigPeerSubscriptions | undefined;
  /** Image settings, as in BigPeer.spec.image. */
  readonly image?: Readonly<Record<string, InputJson>> | undefined;
  /** Names of image pull Secrets. */
  readonly imagePullSecrets?: readonly Input<string>[] | undefined;
  /** Host name of the Big Peer's HTTP API (BigPeer.spec.network.ingress.host). */
  readonly host?: Input<string> | undefined;
  /**
   * If true, Kafka listens for clients outside the cluster, which only Kafka data bridges need. The listener needs an Ingress controller; without
   * one, the Big Peer never becomes Ready.
   * @default the operator's (true)
   */
  readonly kafkaListener?: Input<boolean> | undefined;
  /**
   * The issuer that signs the CA of the Big Peer. Others then trust the issuer's CA, which requires the Big Peer to send its own CA along with its
   * certificate.
   * @default none, so that the Big Peer has a CA of its own
   */
  readonly caIssuer?: IssuerReference | undefined;
  /**
   * Any other fields of BigPeer.spec, passed through verbatim. If one of the settings above is written into a field that you also pass here, the
   * value of that field must be a mapping.
   */
  readonly spec?: Readonly<Record<string, InputJson>> | undefined;
}

/** The store, which keeps the documents. */
export interface BigPeerStore {
  /** Number of replicas of the store, a whole number. @default the operator's */
  readonly replicas?: Input<number> | undefined;
  /** Number of partitions of the store, a whole number. @default the operator's */
  readonly partitions?: Input<number> | undefined;
  /** Minimum replication factor: the minimum number of copies of a document. @default the operator's */
  readonly mrf?: Input<number> | undefined;
  /** Size of the volume of each replica: a Kubernetes quantity, such as 10Gi. @default the operator's */
  readonly storage?: Input<string> | undefined;
  /** Requests and limits, as in a Kubernetes container. @default the operator's */
  readonly resources?: BigPeerResources | undefined;
}

/** The subscription server. */
export interface BigPeerSubscriptions {
  /** Number of replicas of the subscription server, a whole number. @default the operator's */
  readonly replicas?: Input<number> | undefined;
  /** Requests and limits, as in a Kubernetes container. @default the operator's */
  readonly resources?: BigPeerResources | undefined;
}

/** Requests and limits, as in a Kubernetes container. */
export interface BigPeerResources {
  /** Reserved resources: cpu and memory, each a Kubernetes quantity. */
  readonly requests?: Readonly<Record<string, Input<string>>> | undefined;
  /** Maximum resources: cpu and memory, each a Kubernetes quantity. */
  readonly limits?: Readonly<Record<string, Input<string>>> | undefined;
}
