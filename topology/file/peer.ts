import { z } from "zod";
import { advised } from "./advised.ts";
import { type Auth, auth } from "./auth.ts";
import { caIssuer } from "./ca-issuer.ts";
import { wayNames } from "./exposure.ts";
import { keepFormerCa } from "./keep-former-ca.ts";
import { labels } from "./labels.ts";

const quantity = advised(z.string(), (text) => /^\d+(\.\d+)?(m|k|Ki|Mi|Gi|Ti|Pi|M|G|T|P)?$/.test(text), {
  what: "is not a Kubernetes quantity",
  why: "the API server refuses the object",
  fix: "write a number with a unit, such as 500m, 2Gi or 10Gi",
});

const resources = z
  .strictObject({
    requests: z.record(z.string(), quantity).describe("The reserved cpu and memory, each as a Kubernetes quantity."),
    limits: z.record(z.string(), quantity).describe("The maximum of cpu and memory, each as a Kubernetes quantity."),
  })
  .partial()
  .describe("Requests and limits, as in a Kubernetes container.");

export const peer = z
  .strictObject({
    cluster: z.string().min(1).describe("The cluster it runs in."),
    labels,
    namespace: z.string().min(1).optional().describe("Namespace that it runs in. Default: the cluster's."),
    version: z
      .string()
      .regex(/^\d+\.\d+\.\d+$/, "is not a version such as 1.63.2")
      .describe("Version of the Big Peer, three numbers such as 1.63.2. Required, since the operator has no default."),
    ingress: z
      .string()
      .min(1)
      .optional()
      .describe("Which of the cluster's `ingresses` exposes it: the former spelling of `exposure`."),
    exposure: wayNames
      .optional()
      .describe(
        "Which of the cluster's ways expose it; `default` is the cluster's own `exposure` or `ingress`. The first of several is dialled, and the others stay open beside it. Default: as the cluster says.",
      ),
    address: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
      .optional()
      .describe(
        "Name or address under which other clusters reach it, where somebody else exposes it. The port is the replication's `port`, or the operator's (4040). The first of a list is dialled, and the others stay open beside it.",
      ),
    store: z
      .strictObject({
        replicas: z.number().int().min(1).describe("A whole number: the replicas of the store."),
        partitions: z.number().int().min(1).describe("A whole number: the partitions of the store."),
        mrf: z.number().int().min(1).describe("Minimum replication factor: the least number of copies of a document."),
        storage: quantity.describe("A Kubernetes quantity, such as 10Gi: the size of each replica's volume."),
        resources,
      })
      .partial()
      .optional()
      .describe("The store, which keeps the documents. Settings that you leave out have the operator's defaults."),
    subscriptions: z
      .strictObject({
        replicas: z.number().int().min(1).describe("A whole number: the replicas of the subscription server."),
        resources,
      })
      .partial()
      .optional()
      .describe("The subscription server. Settings that you leave out have the operator's defaults."),
    image: z.record(z.string(), z.json()).optional().describe("Image settings, as in BigPeer.spec.image."),
    imagePullSecrets: z.array(z.string().min(1)).optional().describe("Names of image pull Secrets."),
    host: z.string().min(1).optional().describe("Host name of its HTTP API (BigPeer.spec.network.ingress.host)."),
    kafkaListener: z
      .boolean()
      .optional()
      .describe(
        "If true, Kafka listens for clients outside the cluster. The listener needs an Ingress controller, without which the Big Peer never becomes Ready; only Kafka data bridges need it. Default: false, or the operator's default (true) where ingress-nginx or F5 NGINX is among the cluster's exposures, or the peer has a `host`.",
      ),
    auth: auth.optional(),
    readyTimeout: z.number().int().min(1).default(900).describe("Seconds to wait until it is Ready."),
    api: z.url().optional().describe("Base URL of its HTTP API for `verify`. Default: found through the cluster."),
    evicts: z
      .array(z.string().min(1))
      .optional()
      .describe("Collections from which documents are evicted here; their subscriptions should have a time bound."),
    adopt: z
      .literal(true)
      .optional()
      .describe(
        "The BigPeer, and the Secrets by which it trusts others, may exist already, made by somebody else: they are taken over as they " +
          "run, and what differs from this file is changed. Needed in production, for one update.",
      ),
    keepFormerCa: keepFormerCa
      .optional()
      .describe(
        "How long a former CA of this peer is trusted at most, such as 90d. Default: the topology's `keepFormerCa`.",
      ),
    trustSecrets: z
      .record(z.string().min(1), z.string().min(1))
      .optional()
      .describe(
        "Names of the Secrets by which it trusts others, keyed by the trusted peer, such as `{ bp2: ca-of-the-west }`; several peers may share one. " +
          "They are written like the others. `bigpeer import` names what exists. Default: `<peer>-trusts-<other>`.",
      ),
    otherTrustSecrets: z
      .array(z.string().min(1))
      .optional()
      .describe(
        "Names of further Secrets with CA certificates that it trusts, which somebody else makes: the BigPeer lists them, and nothing is written into them.",
      ),
    caIssuer: z
      .union([z.literal("none"), caIssuer])
      .optional()
      .describe(
        "The cert-manager issuer that signs the CA of this peer; `none`: it has a CA of its own. Default: the topology's `caIssuer`.",
      ),
    spec: z.record(z.string(), z.json()).optional().describe("Anything else of BigPeer.spec, passed through verbatim."),
  })
  .describe("A Big Peer.");

export type Peer = Omit<z.output<typeof peer>, "auth"> & { auth?: Auth | undefined };
