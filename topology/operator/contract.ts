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
import { ownProperty } from "../own-property.ts";
import { dataKey, path, port, shape, template } from "./contract-values.ts";

/** The field of each value in a BigPeer. Sources: notes and deployments, unless another one is named. */
const bigPeerFields = z
  .strictObject({
    version: path("spec.version", "the version"),
    ingressHost: path("spec.network.ingress.host", "the host name of the HTTP API"),
    ingressController: path("spec.network.ingressController", "the ingress controller"),
    authProviders: path("spec.auth.providers", "the auth providers"),
    /** Unknown: the guide says only "patch BigPeer resources to trust each other's CA secrets". `bigpeer contract` looks for it. */
    trustedCas: path(
      "spec.auth.trustedCASecrets",
      "the list of trusted CA Secrets; `shapes.trustedCa` is an entry of it",
    ),
    /** Deployments of 2025 and 2026; it takes cert-manager's reference to an issuer: `{name, kind, group}`. */
    caIssuer: path(
      "spec.auth.keys.certManager.template.caCertificate.issuerRef",
      "the reference to the issuer that signs the CA",
    ),
    storeReplicas: path("spec.store.replicas", "the store's replicas"),
    storePartitions: path("spec.store.partitions", "the store's partitions"),
    /** The minimum, as the definitions of the operator's predecessor spell it out (deployments). */
    storeMrf: path("spec.store.mrf", "the store's minimum replication factor"),
    storeStorageSize: path("spec.store.storage.size", "the size of the store's volumes"),
    storeResources: path("spec.store.resources", "the store's requests and limits"),
    subscriptionsReplicas: path("spec.subscriptions.replicas", "the subscription server's replicas"),
    subscriptionsResources: path("spec.subscriptions.resources", "the subscription server's requests and limits"),
    image: path("spec.image", "the image settings"),
    imagePullSecrets: path("spec.imagePullSecrets", "the image pull Secrets, a list of `{name}`"),
    /** True by default; without an Ingress controller Kafka then never comes up, nor the Big Peer (deployments). */
    kafkaListener: path(
      "spec.cdc.network.kafkaExternalListener.enabled",
      "the switch of Kafka's listener for clients outside the cluster; `none` where the operator has no such switch",
    ),
  })
  .prefault({})
  .describe("Fields of a BigPeer.");

/** The field of each value in a BigPeerApp. Sources: API, deployments. */
const appFields = z
  .strictObject({
    appId: path("spec.appId", "the app ID"),
    /** Unverified: the management API has `authProviders` on an app, and no public manifest of an app sets any. */
    authProviders: path("spec.auth.providers", "the auth providers"),
  })
  .prefault({})
  .describe("Fields of a BigPeerApp.");

/** The shapes of values that no public source shows as the operator takes them today. */
const shapes = z
  .strictObject({
    /** Unknown. Every reference to a Secret in the vendor's published schemas is `{name, certificate?, key?}` in the same namespace. */
    trustedCa: shape(
      { name: "{secret}" },
      { needed: "secret", others: ["key"] },
      "An entry of `fields.bigPeer.trustedCas`: `{secret}` stands for the Secret's name, `{key}` for the data key of the certificates. For example, `{ name: '{secret}', certificate: '{key}' }`, or '{secret}' alone.",
    ),
    /** Unverified: two older dialects are `{type: tokenWebhook, webhookUrl}` and `{tokenWebhook: {url}}` (deployments). */
    webhookProvider: shape(
      { webhookUrl: "{url}" },
      { needed: "url" },
      "An auth provider that is a webhook; `{url}` stands for its URL.",
    ),
    /** The management API reads queries of a permission as the legacy query language, unless `qlVersion` is 1 (API). */
    dqlPermission: z
      .record(z.string().min(1), z.json())
      .default({ qlVersion: 1 })
      .describe("Members that mark the queries of a permission as DQL; they are written beside `read` and `write`."),
  })
  .prefault({})
  .describe("How to write values that the operator expects in a form of its own, as JSON with placeholders.");

/** The field of each value in a BigPeerReplication. Source: API. */
const replicationFields = z
  .strictObject({
    connections: path("spec.connections", "the peers that it dials"),
    queriesByCollection: path("spec.queriesByCollection", "what it subscribes to"),
  })
  .prefault({})
  .describe("Fields of a BigPeerReplication.");

export const operatorSchema = z
  .strictObject({
    /** API group and version of the custom resources (deployments; v1alpha2 is announced). */
    group: z.string().min(1).default("ditto.live").describe("API group of the custom resources."),
    version: z.string().min(1).default("v1alpha1").describe("API version of the custom resources."),
    kinds: z
      .strictObject({
        bigPeer: z.string().min(1).default("BigPeer").describe("Kind of a Big Peer."),
        app: z.string().min(1).default("BigPeerApp").describe("Kind of an app on a Big Peer."),
        replication: z.string().min(1).default("BigPeerReplication").describe("Kind of one side of a replication."),
        apiKey: z.string().min(1).default("BigPeerApiKey").describe("Kind of an API key."),
      })
      .prefault({})
      .describe("Kinds of the custom resources."),
    labels: z
      .strictObject({
        /** On an app and a replication: the Big Peer they belong to (API; notes made it mandatory on data bridges). */
        bigPeer: z
          .string()
          .min(1)
          .default("ditto.live/big-peer")
          .describe("On an app and on a side of a replication: its Big Peer."),
        /** On a replication: the name of its BigPeerApp (API: "app in big peer replication label"). */
        app: z.string().min(1).default("ditto.live/app").describe("On a side of a replication: its BigPeerApp."),
      })
      .prefault({})
      .describe("Labels by which the operator finds what belongs together."),
    fields: z
      .strictObject({ bigPeer: bigPeerFields, app: appFields, replication: replicationFields })
      .prefault({})
      .describe("Where each value goes in the custom resources."),
    shapes,
    /** The Secret that contains a Big Peer's CA. Unknown: both its name and the data key of the certificate. `{peer}` is the Big Peer's name. */
    caSecret: z
      .strictObject({
        name: template("ditto-{peer}-ca", "Its name; `{peer}` stands for the Big Peer's.", "."),
        certificateKey: z.string().min(1).default("tls.crt").describe("The data key of the certificate."),
        /** cert-manager writes the CA of the issuer there (documentation of cert-manager). */
        issuerKey: z
          .string()
          .min(1)
          .default("ca.crt")
          .describe("The data key of the certificate of the issuer that signed the CA, for `caIssuer`."),
      })
      .prefault({})
      .describe("The Secret that contains a Big Peer's CA."),
    /**
     * The data keys under which a trusted CA Secret holds its certificates. Unknown, so each likely one holds them: references in the
     * vendor's schemas default to `tls.crt`, and a CA without a private key is customarily in `ca.crt`.
     */
    trustSecret: z
      .strictObject({
        certificateKey: z
          .union([dataKey.transform((key) => [key]), z.array(dataKey).min(1)])
          .prefault(["tls.crt", "ca.crt"])
          .describe(
            "The data key of the certificates, or a list of keys, each of which contains all of them. Default: tls.crt and ca.crt. The first is the one that `{key}` stands for in `shapes.trustedCa`.",
          ),
        /** Unknown: whether the operator reads more than one certificate of a Secret. A rotation takes that for granted, too. */
        bundle: z
          .boolean()
          .default(false)
          .describe(
            "True: each Big Peer has one Secret with the CA certificates of all that it trusts, instead of one for each of them. No public source says whether the operator reads several certificates of one Secret: try it on a development Big Peer, and prove it with `bigpeer verify`.",
          ),
      })
      .prefault({})
      .describe("The Secret that this project writes with the CA certificates of other Big Peers."),
    /** The Service of one replication on one Big Peer (guide). `{replication}` is the BigPeerReplication's name. */
    replicationService: z
      .strictObject({
        name: template(
          "ditto-{peer}-replication-{replication}",
          "Its name; `{peer}` and `{replication}` stand for the names of the Big Peer and of its BigPeerReplication.",
        ),
        port: port(4040).describe("Its port."),
      })
      .prefault({})
      .describe("The Service of one side of a replication."),
    /** The Service of a Big Peer's HTTP API (deployments). */
    apiService: z
      .strictObject({
        name: template("ditto-{peer}-api", "Its name; `{peer}` stands for the Big Peer's."),
        port: port(8080).describe("Its port."),
        /** v4 is what public deployments use; v5 is the default of the vendor's command line (deployments). */
        version: z
          .enum(["v4", "v5"])
          .default("v4")
          .describe("Version of the HTTP API to which `verify` sends its statements."),
      })
      .prefault({})
      .describe("The Service of a Big Peer's HTTP API."),
    /** The operator's management API: a Deployment, and a Service for whoever has a route to it (deployments). */
    managementApi: z
      .strictObject({
        namespace: z.string().min(1).default("ditto").describe("Namespace of the operator."),
        deployment: z.string().min(1).default("ditto-operator").describe("Name of the operator's Deployment."),
        port: port(8080).describe("Port of the management API in its pods."),
        service: z.string().min(1).default("ditto-operator").describe("Name of its Service, for `--reach cluster-ip`."),
        servicePort: port(80).describe("Port of its Service."),
        /** Chart value `operator.api.authMode`, `disabled` by default (deployments). */
        authMode: z
          .enum(["disabled", "k8s-token"])
          .default("disabled")
          .describe(
            "How it identifies its callers, as in the chart's value operator.api.authMode: not at all, or by a Kubernetes token.",
          ),
      })
      .prefault({})
      .describe("The operator's management API, where `verify` creates its keys."),
    /** Source: notes. */
    readyCondition: z
      .string()
      .min(1)
      .default("Ready")
      .describe("The condition of a BigPeer that is true while it serves."),
    release: z
      .string()
      .regex(/^\d+\.\d+\.\d+$/, "a version such as 0.18.1")
      .optional()
      .describe("The version of the operator that runs there, if you want the version rules checked."),
  })
  .prefault({});

/** The contract with every default filled in. */
export type OperatorContract = z.infer<typeof operatorSchema>;

/** The contract as this release knows the operator. */
export const defaultOperator: OperatorContract = operatorSchema.parse({});

/** Fills `{peer}`, `{replication}` and the like in a name template. An unknown placeholder is left as it is, so that it shows. */
export function fillTemplate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, key: string) => ownProperty(values, key) ?? placeholder);
}
