import type { InputJson } from "./topology-values.ts";

/** What this project assumes about the operator; change it where yours differs. */
export interface TopologyOperator {
  /** API group of the custom resources. @default ditto.live */
  readonly group?: string | undefined;
  /** API version of the custom resources. @default v1alpha1 */
  readonly version?: string | undefined;
  /** Kinds of the custom resources. */
  readonly kinds?: OperatorKinds | undefined;
  /** Labels by which the operator finds what belongs together. */
  readonly labels?: OperatorLabels | undefined;
  /** Where each value goes in the custom resources. */
  readonly fields?: OperatorFields | undefined;
  /** How to write values that the operator expects in a form of its own, as JSON with placeholders. */
  readonly shapes?: OperatorShapes | undefined;
  /** The Secret that contains a Big Peer's CA. */
  readonly caSecret?: CaSecret | undefined;
  /** The Secret that this project writes with the CA certificates of other Big Peers. */
  readonly trustSecret?: TrustSecret | undefined;
  /** The Service of one side of a replication. */
  readonly replicationService?: ReplicationService | undefined;
  /** The Service of a Big Peer's HTTP API. */
  readonly apiService?: ApiService | undefined;
  /** The operator's management API, where `verify` creates its keys. */
  readonly managementApi?: ManagementApi | undefined;
  /** The condition of a BigPeer that is true while it serves. @default Ready */
  readonly readyCondition?: string | undefined;
  /** The version of the operator that runs there, if you want the version rules checked. */
  readonly release?: string | undefined;
}

/** Kinds of the custom resources. */
export interface OperatorKinds {
  /** Kind of a Big Peer. @default BigPeer */
  readonly bigPeer?: string | undefined;
  /** Kind of an app on a Big Peer. @default BigPeerApp */
  readonly app?: string | undefined;
  /** Kind of one side of a replication. @default BigPeerReplication */
  readonly replication?: string | undefined;
  /** Kind of an API key. @default BigPeerApiKey */
  readonly apiKey?: string | undefined;
}

/** Labels by which the operator finds what belongs together. */
export interface OperatorLabels {
  /** On an app and on a side of a replication: its Big Peer. @default ditto.live/big-peer */
  readonly bigPeer?: string | undefined;
  /** On a side of a replication: its BigPeerApp. @default ditto.live/app */
  readonly app?: string | undefined;
}

/** Where each value goes in the custom resources. */
export interface OperatorFields {
  /** Fields of a BigPeer. */
  readonly bigPeer?: BigPeerFields | undefined;
  /** Fields of a BigPeerApp. */
  readonly app?: BigPeerAppFields | undefined;
  /** Fields of a BigPeerReplication. */
  readonly replication?: BigPeerReplicationFields | undefined;
}

/** Fields of a BigPeer. */
export interface BigPeerFields {
  /** The field of the version, as a dotted path. @default spec.version */
  readonly version?: string | undefined;
  /** The field of the host name of the HTTP API, as a dotted path. @default spec.network.ingress.host */
  readonly ingressHost?: string | undefined;
  /** The field of the ingress controller, as a dotted path. @default spec.network.ingressController */
  readonly ingressController?: string | undefined;
  /** The field of the auth providers, as a dotted path. @default spec.auth.providers */
  readonly authProviders?: string | undefined;
  /**
   * The field of the list of trusted CA Secrets; `shapes.trustedCa` is an entry of it, as a dotted path.
   * @default spec.auth.trustedCASecrets
   */
  readonly trustedCas?: string | undefined;
  /**
   * The field of the reference to the issuer that signs the CA, as a dotted path.
   * @default spec.auth.keys.certManager.template.caCertificate.issuerRef
   */
  readonly caIssuer?: string | undefined;
  /** The field of the store's replicas, as a dotted path. @default spec.store.replicas */
  readonly storeReplicas?: string | undefined;
  /** The field of the store's partitions, as a dotted path. @default spec.store.partitions */
  readonly storePartitions?: string | undefined;
  /** The field of the store's minimum replication factor, as a dotted path. @default spec.store.mrf */
  readonly storeMrf?: string | undefined;
  /** The field of the size of the store's volumes, as a dotted path. @default spec.store.storage.size */
  readonly storeStorageSize?: string | undefined;
  /** The field of the store's requests and limits, as a dotted path. @default spec.store.resources */
  readonly storeResources?: string | undefined;
  /** The field of the subscription server's replicas, as a dotted path. @default spec.subscriptions.replicas */
  readonly subscriptionsReplicas?: string | undefined;
  /** The field of the subscription server's requests and limits, as a dotted path. @default spec.subscriptions.resources */
  readonly subscriptionsResources?: string | undefined;
  /** The field of the image settings, as a dotted path. @default spec.image */
  readonly image?: string | undefined;
  /** The field of the image pull Secrets, a list of `{name}`, as a dotted path. @default spec.imagePullSecrets */
  readonly imagePullSecrets?: string | undefined;
  /**
   * The field of the switch of Kafka's listener for clients outside the cluster; `none` where the operator has no such switch, as a dotted
   * path.
   * @default spec.cdc.network.kafkaExternalListener.enabled
   */
  readonly kafkaListener?: string | undefined;
}

/** Fields of a BigPeerApp. */
export interface BigPeerAppFields {
  /** The field of the app ID, as a dotted path. @default spec.appId */
  readonly appId?: string | undefined;
  /** The field of the auth providers, as a dotted path. @default spec.auth.providers */
  readonly authProviders?: string | undefined;
}

/** Fields of a BigPeerReplication. */
export interface BigPeerReplicationFields {
  /** The field of the peers that it dials, as a dotted path. @default spec.connections */
  readonly connections?: string | undefined;
  /** The field of what it subscribes to, as a dotted path. @default spec.queriesByCollection */
  readonly queriesByCollection?: string | undefined;
}

/** How to write values that the operator expects in a form of its own, as JSON with placeholders. */
export interface OperatorShapes {
  /**
   * An entry of `fields.bigPeer.trustedCas`: `{secret}` stands for the Secret's name, `{key}` for the data key of the certificates. For example, `{
   * name: '{secret}', certificate: '{key}' }`, or '{secret}' alone.
   */
  readonly trustedCa?: InputJson | undefined;
  /** An auth provider that is a webhook; `{url}` stands for its URL. */
  readonly webhookProvider?: InputJson | undefined;
  /** Members that mark the queries of a permission as DQL; they are written beside `read` and `write`. */
  readonly dqlPermission?: Readonly<Record<string, InputJson>> | undefined;
}

/** The Secret that contains a Big Peer's CA. */
export interface CaSecret {
  /** Its name; `{peer}` stands for the Big Peer's. @default ditto-{peer}-ca */
  readonly name?: string | undefined;
  /** The data key of the certificate. @default tls.crt */
  readonly certificateKey?: string | undefined;
  /** The data key of the certificate of the issuer that signed the CA, for `caIssuer`. @default ca.crt */
  readonly issuerKey?: string | undefined;
}

/** The Secret that this project writes with the CA certificates of other Big Peers. */
export interface TrustSecret {
  /**
   * The data key of the certificates, or a list of keys, each of which contains all of them.
   * @default tls.crt and ca.crt. The first is the one that `{key}` stands for in `shapes.trustedCa`
   */
  readonly certificateKey?: string | readonly string[] | undefined;
  /**
   * True: each Big Peer has one Secret with the CA certificates of all that it trusts, instead of one for each of them. No public source says
   * whether the operator reads several certificates of one Secret: try it on a development Big Peer, and prove it with `bigpeer verify`.
   * @default false
   */
  readonly bundle?: boolean | undefined;
}

/** The Service of one side of a replication. */
export interface ReplicationService {
  /**
   * Its name; `{peer}` and `{replication}` stand for the names of the Big Peer and of its BigPeerReplication.
   * @default ditto-{peer}-replication-{replication}
   */
  readonly name?: string | undefined;
  /** Its port. @default 4040 */
  readonly port?: number | undefined;
}

/** The Service of a Big Peer's HTTP API. */
export interface ApiService {
  /** Its name; `{peer}` stands for the Big Peer's. @default ditto-{peer}-api */
  readonly name?: string | undefined;
  /** Its port. @default 8080 */
  readonly port?: number | undefined;
  /** Version of the HTTP API to which `verify` sends its statements. @default v4 */
  readonly version?: "v4" | "v5" | undefined;
}

/** The operator's management API, where `verify` creates its keys. */
export interface ManagementApi {
  /** Namespace of the operator. @default ditto */
  readonly namespace?: string | undefined;
  /** Name of the operator's Deployment. @default ditto-operator */
  readonly deployment?: string | undefined;
  /** Port of the management API in its pods. @default 8080 */
  readonly port?: number | undefined;
  /** Name of its Service, for `--reach cluster-ip`. @default ditto-operator */
  readonly service?: string | undefined;
  /** Port of its Service. @default 80 */
  readonly servicePort?: number | undefined;
  /** How it identifies its callers, as in the chart's value operator.api.authMode: not at all, or by a Kubernetes token. @default disabled */
  readonly authMode?: "disabled" | "k8s-token" | undefined;
}
