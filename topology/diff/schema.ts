import { z } from "zod";

/** The output of `bigpeer diff --json`. `version` changes when a field changes its meaning or goes. */

const value = z.json().optional();
const field = z
  .strictObject({
    path: z.string().describe("Dotted path."),
    before: value.describe("Absent if the field did not exist. Secrets are masked."),
    after: value.describe("Absent if the field is gone. Secrets are masked."),
  })
  .describe("One field that differs; a list is one value.");

const entry = z.strictObject({
  action: z.enum(["added", "removed", "changed"]),
  name: z.string(),
  summary: z.string().describe("A short description of the entry."),
  fields: z.array(field),
});

const link = z.strictObject({
  effect: z.enum(["added", "removed", "turned", "readdressed"]),
  initiator: z
    .string()
    .describe("The peer that dials after the change; if the link is removed, the one that did before it."),
  target: z.string(),
  before: z.string().optional().describe("The address that was dialled before."),
  after: z.string().optional().describe("The address that is dialled after the change."),
});

const subscription = z.strictObject({
  peer: z.string().describe("Who subscribes."),
  collection: z.string(),
  added: z.array(z.string()).describe("Predicates that are added."),
  removed: z.array(z.string()).describe("Predicates that are removed."),
  kept: z.array(z.string()).describe("Predicates that stay. A document is subscribed to if any predicate matches it."),
});

const replication = z.strictObject({
  action: z.enum(["added", "removed", "changed"]),
  name: z.string(),
  app: z.string(),
  form: z.enum(["between", "one-way", "hub", "mesh"]),
  fields: z.array(field).describe("The form, the app, and whether it is paused, where they differ."),
  links: z.array(link),
  subscriptions: z.array(subscription),
});

const wayKind = z.enum(["ingressNginx", "address", "loadBalancer", "nodePort", "gateway", "transportServer"]);

const port = z.strictObject({
  effect: z.enum(["opened", "closed", "changed"]),
  cluster: z.string(),
  ingress: z.string().describe("Name of the way: `default`, or one of the cluster's `ingresses` or `exposures`."),
  way: wayKind.describe("The kind of exposure."),
  port: z.number().int(),
  before: z
    .strictObject({ ingress: z.string(), way: wayKind, port: z.number().int() })
    .optional()
    .describe("The former exposure, if it changed."),
  replication: z.string(),
  peer: z.string(),
});

const trust = z.strictObject({
  effect: z.enum(["added", "removed"]),
  peer: z.string().describe("Who trusts."),
  trusts: z.string().describe("The peer whose certificates it accepts."),
});

const place = {
  cluster: z.string(),
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
};
const object = z.strictObject({
  action: z.enum(["create", "change", "replace", "delete"]),
  ...place,
  role: z.enum(["object", "patch"]).describe("`patch`: only some fields, of an object that others own, too."),
  from: z.strictObject(place).optional().describe("The former place of a replaced object."),
  fields: z.array(field).describe("The fields that differ, for a changed object."),
  source: z.string().describe("The entry of the topology that declares it."),
});

const interruption = z.strictObject({
  replication: z.string(),
  peers: z.tuple([z.string(), z.string()]),
  reasons: z.array(z.string()),
  kinds: z
    .array(z.string())
    .describe(
      "The reasons without the names and values of these two peers: interruptions with the same kinds are alike.",
    ),
});

const flow = z.strictObject({
  effect: z.enum(["starts", "stops", "widens", "narrows", "turns", "rewrites"]),
  sampled: z
    .boolean()
    .describe("True if only sample documents were judged; the result may differ for other documents."),
  overOthers: z
    .enum(["all", "some"])
    .optional()
    .describe(
      "How many of the sample documents also come via other peers: before they start here, or after they stop.",
    ),
  app: z.string(),
  collection: z.string(),
  from: z.string(),
  to: z.string(),
  before: z.array(z.string()),
  after: z.array(z.string()),
  replications: z.array(z.string()),
});

const arrival = z.strictObject({
  effect: z
    .enum(["starts", "stops", "widens", "narrows"])
    .describe(
      "starts: nothing came from there before. stops: nothing comes from there afterwards. widens, narrows: other documents come from there too, or may.",
    ),
  app: z.string(),
  collection: z.string(),
  query: z.string(),
  sample: z.string().optional().describe("One of the documents, as JSON; absent where the query cannot be read."),
  from: z.array(z.string()),
  to: z.array(z.string()),
});

const finding = z.strictObject({
  rule: z.string(),
  severity: z.enum(["error", "warning", "note"]),
  path: z.string(),
  what: z.string(),
  why: z.string(),
  fix: z.string(),
});

export const topologyDiffSchema = z.strictObject({
  version: z.literal(1),
  base: z.string().describe("The base of the comparison, as it was given to the command."),
  head: z.string().describe("The head of the comparison, as it was given to the command."),
  summary: z.string().describe("One line."),
  missing: z
    .array(z.enum(["base", "head"]))
    .describe("Sides whose revision lacks the file: everything is shown as new, or as gone."),
  unplanned: z.array(z.enum(["base", "head"])).describe("Sides with errors. Only findings are compared then."),
  refused: z
    .array(finding)
    .describe(
      "Losses of documents that `pulumi up` will refuse after the change; warnings are losses that it may refuse.",
    ),
  clusters: z.array(entry),
  peers: z.array(entry),
  apps: z.array(entry),
  settings: z
    .array(field)
    .describe(
      "The environment, which losses are allowed, who stands in for whom, what may be taken over, and the waves of `deploy`.",
    ),
  operator: z.array(field).describe("Assumptions about the operator that differ."),
  replications: z.array(replication),
  ports: z.array(port),
  trust: z.array(trust),
  objects: z.array(object),
  interruptions: z.array(interruption).describe("Pairs of peers that were and stay linked, and lose their connection."),
  flows: z.array(flow).describe("Documents between two linked peers."),
  arrivals: z.array(arrival).describe("Documents that come via other peers."),
  arrivalsComplete: z.boolean().describe("False if there are too many to follow all of them."),
  consequences: z.array(z.string()).describe("Consequences that no list above contains, one sentence each."),
  findings: z.strictObject({
    new: z.array(finding),
    gone: z.array(finding),
    changed: z
      .array(finding.extend({ before: z.string().describe("`what` in the base.") }))
      .describe("Findings of both sides that differ in numbers alone."),
  }),
});

export type TopologyDiff = z.infer<typeof topologyDiffSchema>;
export type DiffField = z.infer<typeof field>;
export type EntryChange = z.infer<typeof entry>;
export type ReplicationChange = z.infer<typeof replication>;
export type LinkChange = z.infer<typeof link>;
export type SubscriptionChange = z.infer<typeof subscription>;
export type PortChange = z.infer<typeof port>;
export type TrustChange = z.infer<typeof trust>;
export type ObjectChangeReport = z.infer<typeof object>;
export type Interruption = z.infer<typeof interruption>;
