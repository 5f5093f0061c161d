import { z } from "zod";
import { operatorSchema } from "../operator/contract.ts";
import { advised } from "./advised.ts";
import { exposure, ingressNginx, wayNames } from "./exposure.ts";
import { hostAndPort } from "./host-and-port.ts";
import { lengthOfTime } from "./length-of-time.ts";

/**
 * The topology file. Every property is documented here; the JSON Schema for editors is generated from this.
 * What needs more than one place of the file to judge (references, lengths of composed names, reachability) is in rules/.
 */

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const quantity = advised(z.string(), (text) => /^\d+(\.\d+)?(m|k|Ki|Mi|Gi|Ti|Pi|M|G|T|P)?$/.test(text), {
  what: "is not a Kubernetes quantity",
  why: "the API server refuses the object",
  fix: "write a number with a unit, such as 500m, 2Gi or 10Gi",
});

const resources = z
  .strictObject({
    requests: z.record(z.string(), quantity).describe("What is set aside: cpu, memory, each a Kubernetes quantity."),
    limits: z
      .record(z.string(), quantity)
      .describe("What it may use at most: cpu, memory, each a Kubernetes quantity."),
  })
  .partial()
  .describe("Requests and limits, as in a Kubernetes container.");

const keepFormerCa = advised(z.string(), (text) => lengthOfTime.test(text), {
  what: "is not a length of time",
  why: "it would not be known until when a former CA is trusted",
  fix: "write whole days or hours, such as 90d or 36h; 0d for not at all",
});

const predicate = advised(z.string(), (text) => text.trim() !== "", {
  what: "is an empty query",
  why: "an empty predicate is no subscription, so nothing would flow and nothing would say so",
  fix: 'write a DQL predicate such as "color = \'blue\'", or "true" for the whole collection',
}).describe('A DQL predicate, such as "color = \'blue\'"; "true" is the whole collection.');

const queries = z
  .record(
    z.string().min(1),
    z.union([
      predicate.transform((text) => [text]),
      advised(z.array(predicate), (list) => list.length > 0, {
        what: "is an empty list of queries",
        why: "a collection without a query is not subscribed to, so nothing would flow and nothing would say so",
        fix: 'write at least one DQL predicate, or "true" for the whole collection, or leave the collection out',
      }),
    ]),
  )
  .describe("What is subscribed to: collection -> one DQL predicate or a list of them.");

/** A secret: in plain text (refused outside development), or the name of a secret in the stack's configuration. */
const secret = z.union([
  z.string().min(1),
  z.strictObject({
    config: z.string().min(1).describe("Key of a Pulumi config secret: `pulumi config set --secret bigpeer:<key>`."),
  }),
]);

const permission = z
  .union([z.literal("everything"), z.literal("nothing"), queries])
  .describe('"everything", "nothing", or collection -> DQL predicates.');

const permissions = z
  .strictObject({ read: permission.default("everything"), write: permission.default("everything") })
  .describe("What a client that signs in by this provider may read and write.");

/** Seconds: a week, as every public deployment has it; the management API requires one (deployments, API). */
export const defaultSessionLength = 604_800;

const auth = z
  .strictObject({
    playground: z
      .strictObject({
        token: secret
          .optional()
          .describe("The shared token of SDKs with an OnlinePlayground identity. Default: generated."),
        sessionLength: z
          .number()
          .int()
          .min(1)
          .default(defaultSessionLength)
          .describe("Seconds until a client signs in again. The default is a week."),
        permissions: permissions.prefault({}),
      })
      .optional()
      .describe("Anonymous access for everybody who has the token, for development only."),
    webhooks: z
      .record(
        z.string().min(1),
        z.strictObject({
          url: advised(z.string(), (text) => /^https?:\/\/[^\s/]+/.test(text), {
            what: "is not an http(s) URL",
            why: "the Big Peer could not ask it about a client, so nobody could sign in",
            fix: "write the whole URL, such as https://auth.example.com/ditto",
          }).describe("A whole URL, such as https://auth.example.com/ditto."),
        }),
      )
      .optional()
      .describe("Token webhooks: provider name -> URL that the Big Peer asks about a client's token."),
  })
  .describe("Who may sign in, and with which permissions.");

const labels = z
  .record(z.string().min(1), z.union([z.string(), z.number(), z.boolean()]))
  .optional()
  .describe(
    "Labels, by name, such as `{ region: eu, store: s-17 }`. Members of apps and replications, and defaults, are chosen by them, and queries may use their values.",
  );

const cluster = z
  .strictObject({
    labels,
    context: z
      .string()
      .min(1)
      .optional()
      .describe("Context in the kubeconfig. A renamed cluster is recognised by it. Default: the cluster's name."),
    kubeconfig: z
      .string()
      .min(1)
      .optional()
      .describe("Path of the kubeconfig. Default: config `bigpeer:kubeconfig`, then KUBECONFIG, then ~/.kube/config."),
    namespace: z.string().min(1).default("ditto").describe("Namespace of its Big Peers."),
    stack: z
      .string()
      .min(1)
      .optional()
      .describe(
        "The Pulumi stack that owns this cluster: `stack`, `project/stack` or `organization/project/stack`. Where no cluster names one, each stack owns all, or what its `bigpeer:clusters` lists.",
      ),
    inbound: z.enum(["none"]).optional().describe("`none`: nobody outside can dial in, so its peers always initiate."),
    lost: z
      .literal(true)
      .optional()
      .describe(
        "The cluster is gone for ever, with its Big Peers. Nothing is written to it, nobody trusts or dials its peers any longer, and what " +
          "its stack remembers of it is forgotten. Refused while it still answers.",
      ),
    exposure: z
      .union([exposure, wayNames])
      .optional()
      .describe(
        "How its targets are reached from other clusters: one way, or the names of `exposures`. Of several names the first is dialled, and the others are open beside it.",
      ),
    exposures: z
      .record(z.string().min(1), exposure)
      .optional()
      .describe("Ways by name; `exposure` of the cluster, or of a peer, names those that are used."),
    ingress: ingressNginx.optional().describe("The former spelling of `exposure: { ingressNginx: … }`."),
    ingresses: z
      .record(z.string().min(1), ingressNginx)
      .optional()
      .describe("The former spelling of `exposures` with ingress-nginx controllers; a peer names the one it uses."),
  })
  .describe("A Kubernetes cluster.");

/** Of an app or a replication, which is one object a peer. */
const adopt = z.union([z.literal(true), z.array(z.string().min(1)).min(1)]).optional();

const peer = z
  .strictObject({
    cluster: z.string().min(1).describe("The cluster it runs in."),
    labels,
    namespace: z.string().min(1).optional().describe("Namespace that it runs in. Default: the cluster's."),
    version: z
      .string()
      .regex(/^\d+\.\d+\.\d+$/, "is not a version such as 1.63.2")
      .describe("Version of the Big Peer, three numbers such as 1.63.2; required, the operator has no default."),
    ingress: z
      .string()
      .min(1)
      .optional()
      .describe("Which of the cluster's `ingresses` exposes it: the former spelling of `exposure`."),
    exposure: wayNames
      .optional()
      .describe(
        "Which of the cluster's ways expose it; `default` is the cluster's own `exposure` or `ingress`. Of several the first is dialled, and the others are open beside it. Default: as the cluster says.",
      ),
    address: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Name or address under which other clusters reach it, where somebody else exposes it. The port is the replication's `port`, or the operator's (4040).",
      ),
    store: z
      .strictObject({
        replicas: z.number().int().min(1).describe("A whole number: the replicas of the store."),
        partitions: z.number().int().min(1).describe("A whole number: the partitions of the store."),
        mrf: z.number().int().min(1).describe("Minimum replication factor: copies that a document has at least."),
        storage: quantity.describe("A Kubernetes quantity, such as 10Gi: the size of each replica's volume."),
        resources,
      })
      .partial()
      .optional()
      .describe("The store, which keeps the documents. What is left out is the operator's default."),
    subscriptions: z
      .strictObject({
        replicas: z.number().int().min(1).describe("A whole number: the replicas of the subscription server."),
        resources,
      })
      .partial()
      .optional()
      .describe("The subscription server. What is left out is the operator's default."),
    image: z.record(z.string(), z.json()).optional().describe("Image settings, as in BigPeer.spec.image."),
    imagePullSecrets: z.array(z.string().min(1)).optional().describe("Names of image pull Secrets."),
    host: z.string().min(1).optional().describe("Host name of its HTTP API (BigPeer.spec.network.ingress.host)."),
    kafkaListener: z
      .boolean()
      .optional()
      .describe(
        "Makes Kafka listen for clients outside the cluster if true. The listener needs an Ingress controller, without which the Big Peer never becomes Ready; only Kafka data bridges need it. Default: false, or the operator's default (true) where ingress-nginx or F5 NGINX is among the cluster's exposures, or the peer has a `host`.",
      ),
    auth: auth.optional(),
    readyTimeout: z.number().int().min(1).default(900).describe("Seconds to wait until it is Ready."),
    api: z.url().optional().describe("Base URL of its HTTP API for `verify`. Default: found through the cluster."),
    evicts: z
      .array(z.string().min(1))
      .optional()
      .describe("Collections from which documents are evicted here; their subscriptions should be bound in time."),
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
    spec: z.record(z.string(), z.json()).optional().describe("Anything else of BigPeer.spec, passed through verbatim."),
  })
  .describe("A Big Peer.");

const app = z
  .strictObject({
    id: advised(z.string(), (text) => uuidPattern.test(text), {
      what: "is not a UUID",
      why: "the operator refuses the app, and both ends of a replication must name the same ID",
      fix: "write a UUID such as 2164bef3-37c0-489c-9ac6-c94b034525d7, or leave `id` out to have one generated",
    })
      .optional()
      .describe("App ID (UUID), the same on every peer. Default: generated once."),
    peers: z.array(z.string().min(1)).min(1).describe("The Big Peers that serve it."),
    auth: auth.optional().describe("Auth providers of this app alone."),
    adopt: adopt.describe(
      "Its BigPeerApps may exist already, made by somebody else, and are taken over: `true`, or a list of the peers where they do. Give `id`, too. Needed in production, for one update.",
    ),
    spec: z
      .record(z.string(), z.json())
      .optional()
      .describe("Anything else of BigPeerApp.spec, passed through verbatim on every peer."),
    collections: z
      .array(z.string().min(1))
      .optional()
      .describe("Every collection that it writes; queries on others are then refused."),
  })
  .describe("An app (v5 of the SDKs calls it a database).");

const replication = z
  .strictObject({
    app: z.string().min(1).describe("The app whose documents flow."),
    between: z.array(z.string().min(1)).length(2).optional().describe("Both subscribe; the first dials."),
    from: z.string().min(1).optional().describe("One-way: the source. It never subscribes."),
    to: z.string().min(1).optional().describe("One-way: the only one that subscribes."),
    address: z
      .union([hostAndPort, z.record(z.string(), hostAndPort)])
      .optional()
      .describe("`host:port` of the target, or of each target by peer, where somebody else exposes it."),
    hub: z.string().min(1).optional().describe("One-to-many: the peer that the spokes dial."),
    spokes: z.array(z.string().min(1)).min(1).optional().describe("One-to-many: the peers around the hub."),
    mesh: z.array(z.string().min(1)).min(2).optional().describe("Everybody with everybody, each pair dialled once."),
    queries: queries.optional().describe("What everybody who subscribes pulls: collection -> DQL predicates."),
    up: queries.optional().describe("Hub and spokes: what the hub subscribes to at each spoke."),
    down: queries.optional().describe("Hub and spokes: what each spoke subscribes to at the hub."),
    perSpoke: z
      .record(z.string().min(1), queries)
      .optional()
      .describe(
        "Hub and spokes: what one spoke subscribes to at the hub beside `down`: spoke -> collection -> DQL predicates.",
      ),
    dial: z
      .string()
      .min(1)
      .optional()
      .describe("Who dials: a peer's name, or `from` or `to`. Says nothing about where data flows."),
    port: z
      .union([z.number().int().min(1).max(65535), z.record(z.string(), z.number().int().min(1).max(65535))])
      .optional()
      .describe("Pins the exposed port of the target, or of each target by peer."),
    adopt: adopt.describe(
      "Its BigPeerReplications may exist already, made by somebody else, and are taken over: `true`, or a list of the peers where they do. Needed in production, for one update.",
    ),
    probe: z
      .record(z.string().min(1), z.record(z.string(), z.json()))
      .optional()
      .describe("For `verify`: collection -> fields of a document that the queries match."),
    spec: z
      .record(z.string(), z.json())
      .optional()
      .describe("Anything else of BigPeerReplication.spec, passed through verbatim on every side."),
  })
  .describe("A replication, in one of four forms: between, from/to, hub/spokes, mesh.");

export const topologySchema = z
  .strictObject({
    $schema: z.string().optional().describe("Where an editor finds the JSON Schema of this file."),
    environment: z
      .enum(["development", "production"])
      .default("production")
      .describe("Decides what is refused; production is stricter than development."),
    operator: operatorSchema.describe(
      "What this project takes for granted about the operator; change it where yours differs.",
    ),
    confirmRemoval: z
      .array(z.string().min(1))
      .default([])
      .describe("Peers that may be deleted, with the documents that only they hold. Needed in production."),
    allowReplace: z
      .array(z.string().regex(/^(peers|apps)\.[^.]+$/, "peers.<name> or apps.<name>"))
      .default([])
      .describe("Peers and apps (`peers.bp1`, `apps.cars`) that a change may recreate, without their documents."),
    keepFormerCa: keepFormerCa
      .optional()
      .describe(
        "How long the CA that a peer has had is trusted at most beside the one that it has now, such as 90d; it goes sooner when the peer " +
          "is seen to use the new one alone. 0d: not at all, for a CA whose key has leaked. Default: until it expires.",
      ),
    clusters: z.record(z.string(), cluster).describe("The Kubernetes clusters, by name."),
    peers: z.record(z.string(), peer).describe("The Big Peers, by name; it is the name of the BigPeer, too."),
    apps: z.record(z.string(), app).default({}).describe("The apps, by name."),
    replications: z.record(z.string(), replication).default({}).describe("What replicates where, by name."),
  })
  .describe("A topology of Ditto Big Peers.");

/** A topology with every default filled in. */
export type Topology = z.output<typeof topologySchema>;
export type Cluster = z.output<typeof cluster>;
export type Ingress = z.output<typeof ingressNginx>;
export type Peer = Omit<z.output<typeof peer>, "auth"> & { auth?: Auth | undefined };
export type App = z.output<typeof app>;
type ParsedAuth = z.output<typeof auth>;
type ParsedPlayground = NonNullable<ParsedAuth["playground"]>;
/** As components take it, too: with the session's length left to its default. */
export type Auth = Omit<ParsedAuth, "playground"> & {
  readonly playground?:
    | (Omit<ParsedPlayground, "sessionLength"> & Partial<Pick<ParsedPlayground, "sessionLength">>)
    | undefined;
};
export type Permission = z.output<typeof permission>;
export type ReplicationEntry = z.output<typeof replication>;
/** Collection -> DQL predicates; a document is subscribed to if any of them matches. */
export type Queries = Readonly<Record<string, readonly string[]>>;
