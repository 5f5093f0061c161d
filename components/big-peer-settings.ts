import type { Input } from "@pulumi/pulumi";
import type { IssuerReference } from "./topology-issuer-reference.ts";
import type { InputJson } from "./topology-values.ts";

/** The settings of a Big Peer, each of which another resource may give. */
export interface BigPeerSettings {
  /** Version of the Big Peer, three numbers such as 1.63.2. Required, since the operator has no default. */
  readonly version: Input<string>;
  /** The store, which keeps the documents. What is left out is the operator's default. */
  readonly store?: BigPeerStore | undefined;
  /** The subscription server. What is left out is the operator's default. */
  readonly subscriptions?: BigPeerSubscriptions | undefined;
  /** Image settings, as in BigPeer.spec.image. */
  readonly image?: Readonly<Record<string, InputJson>> | undefined;
  /** Names of image pull Secrets. */
  readonly imagePullSecrets?: readonly Input<string>[] | undefined;
  /** Host name of its HTTP API (BigPeer.spec.network.ingress.host). */
  readonly host?: Input<string> | undefined;
  /**
   * If true, Kafka listens for clients outside the cluster. The listener needs an Ingress controller, without which the Big Peer never
   * becomes Ready; only Kafka data bridges need it.
   * @default the operator's (true)
   */
  readonly kafkaListener?: Input<boolean> | undefined;
  /**
   * The issuer that signs its CA. Others then trust the issuer's CA, which takes a Big Peer that sends its own CA along with its certificate.
   * @default a CA of its own
   */
  readonly caIssuer?: IssuerReference | undefined;
  /** Anything else of BigPeer.spec, passed through verbatim. A mapping into which a setting above is written has to be one here, too. */
  readonly spec?: Readonly<Record<string, InputJson>> | undefined;
}

/** The store, which keeps the documents. */
export interface BigPeerStore {
  /** A whole number: the replicas of the store. @default the operator's */
  readonly replicas?: Input<number> | undefined;
  /** A whole number: the partitions of the store. @default the operator's */
  readonly partitions?: Input<number> | undefined;
  /** Minimum replication factor: the least number of copies of a document. @default the operator's */
  readonly mrf?: Input<number> | undefined;
  /** A Kubernetes quantity, such as 10Gi: the size of each replica's volume. @default the operator's */
  readonly storage?: Input<string> | undefined;
  /** Requests and limits, as in a Kubernetes container. @default the operator's */
  readonly resources?: BigPeerResources | undefined;
}

/** The subscription server. */
export interface BigPeerSubscriptions {
  /** A whole number: the replicas of the subscription server. @default the operator's */
  readonly replicas?: Input<number> | undefined;
  /** Requests and limits, as in a Kubernetes container. @default the operator's */
  readonly resources?: BigPeerResources | undefined;
}

/** Requests and limits, as in a Kubernetes container. */
export interface BigPeerResources {
  /** What is reserved: cpu, memory, each a Kubernetes quantity. */
  readonly requests?: Readonly<Record<string, Input<string>>> | undefined;
  /** What it may use at most: cpu, memory, each a Kubernetes quantity. */
  readonly limits?: Readonly<Record<string, Input<string>>> | undefined;
}
