/**
 * The operator contract: everything that this project takes for granted about the Ditto Operator, in one place.
 *
 * The operator is in private preview and its fields move. Each value has a default and the source of it; `operator:` in the
 * topology file changes any of them. Sources: "guide" is the vendor's Big Peer replication guide, "API" the operator's published
 * management API description, "notes" the release notes, "deployments" public repositories that deploy the operator. Values that
 * no public source states are marked "unknown": the default is the likeliest candidate, and the contract check (which reads the
 * cluster's CRDs) tells when it is wrong.
 */
import { z } from "zod";

const path = (value: string) =>
  z
    .string()
    .regex(/^[A-Za-z][\w-]*(\.[A-Za-z][\w-]*)*$/, "a dotted field path such as spec.auth.providers")
    .default(value);
const template = (value: string) => z.string().min(1).default(value);
const port = (value: number) => z.number().int().min(1).max(65535).default(value);

/** Where each value goes in a BigPeer. Sources: notes and deployments, where not said otherwise. */
const bigPeerFields = z
  .strictObject({
    version: path("spec.version"),
    ingressHost: path("spec.network.ingress.host"),
    ingressController: path("spec.network.ingressController"),
    authProviders: path("spec.auth.providers"),
    /** Unknown: the guide says only "patch BigPeer resources to trust each other's CA secrets". A list of `{name}`. */
    trustedCas: path("spec.auth.trustedCASecrets"),
    storeReplicas: path("spec.store.replicas"),
    storePartitions: path("spec.store.partitions"),
    storeMrf: path("spec.store.mrf"),
    storeStorageSize: path("spec.store.storage.size"),
    storeResources: path("spec.store.resources"),
    subscriptionsReplicas: path("spec.subscriptions.replicas"),
    subscriptionsResources: path("spec.subscriptions.resources"),
    image: path("spec.image"),
    imagePullSecrets: path("spec.imagePullSecrets"),
  })
  .prefault({});

/** Where each value goes in a BigPeerApp. Source: API, deployments. */
const appFields = z
  .strictObject({ appId: path("spec.appId"), authProviders: path("spec.auth.providers") })
  .prefault({});

/** Where each value goes in a BigPeerReplication. Source: API. */
const replicationFields = z
  .strictObject({ connections: path("spec.connections"), queriesByCollection: path("spec.queriesByCollection") })
  .prefault({});

export const operatorSchema = z
  .strictObject({
    /** API group and version of the custom resources (deployments; v1alpha2 is announced). */
    group: z.string().min(1).default("ditto.live"),
    version: z.string().min(1).default("v1alpha1"),
    kinds: z
      .strictObject({
        bigPeer: z.string().min(1).default("BigPeer"),
        app: z.string().min(1).default("BigPeerApp"),
        replication: z.string().min(1).default("BigPeerReplication"),
        apiKey: z.string().min(1).default("BigPeerApiKey"),
      })
      .prefault({}),
    labels: z
      .strictObject({
        /** On an app and a replication: the Big Peer they belong to (API; notes made it mandatory on data bridges). */
        bigPeer: z.string().min(1).default("ditto.live/big-peer"),
        /** On a replication: the name of its BigPeerApp (API: "app in big peer replication label"). */
        app: z.string().min(1).default("ditto.live/app"),
      })
      .prefault({}),
    fields: z.strictObject({ bigPeer: bigPeerFields, app: appFields, replication: replicationFields }).prefault({}),
    /** The Secret that holds a Big Peer's CA. Unknown: both its name and the data key of the certificate. `{peer}` is the Big Peer's name. */
    caSecret: z
      .strictObject({ name: template("ditto-{peer}-ca"), certificateKey: z.string().min(1).default("tls.crt") })
      .prefault({}),
    /** The data key under which a trusted CA Secret holds its certificates. Unknown. */
    trustSecret: z.strictObject({ certificateKey: z.string().min(1).default("ca.crt") }).prefault({}),
    /** The Service of one replication on one Big Peer (guide). `{replication}` is the BigPeerReplication's name. */
    replicationService: z
      .strictObject({ name: template("ditto-{peer}-replication-{replication}"), port: port(4040) })
      .prefault({}),
    /** The Service of a Big Peer's HTTP API (deployments). */
    apiService: z.strictObject({ name: template("ditto-{peer}-api"), port: port(8080) }).prefault({}),
    /** The operator's management API: a Deployment reached by port-forward only, since it has no authentication of its own (deployments). */
    managementApi: z
      .strictObject({
        namespace: z.string().min(1).default("ditto"),
        deployment: z.string().min(1).default("ditto-operator"),
        port: port(8080),
      })
      .prefault({}),
    /** The condition of a BigPeer that says that it serves (notes). */
    readyCondition: z.string().min(1).default("Ready"),
    /** The version of the operator that runs there, if you want the version rules judged. */
    release: z
      .string()
      .regex(/^\d+\.\d+\.\d+$/, "a version such as 0.18.1")
      .optional(),
  })
  .prefault({});

/** The contract with every default filled in. */
export type OperatorContract = z.infer<typeof operatorSchema>;

/** The contract as this release knows the operator. */
export const defaultOperator: OperatorContract = operatorSchema.parse({});

/** Fills `{peer}`, `{replication}` and the like in a name template. An unknown placeholder is left as it is, so that it shows. */
export function fillTemplate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, key: string) => values[key] ?? placeholder);
}
