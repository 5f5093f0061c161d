import { z } from "zod";

/** The output of `bigpeer preview --json`. `version` changes when a field changes its meaning or goes. */

const cause = z
  .enum(["topology", "drift", "undeployed", "value", "engine"])
  .describe(
    "topology: the topology asks for it. drift: somebody has changed it in the cluster. undeployed: the base says the same, but it is not deployed yet. value: a secret, or something that only the deployment knows, changes. engine: none of these.",
  );

const field = z.strictObject({
  path: z.string().describe("Dotted path in the object."),
  before: z.json().optional().describe("Absent: the field does not exist. Secrets are masked."),
  after: z
    .json()
    .optional()
    .describe("Absent: the field is removed. Secrets, and values that are not known yet, are named as such."),
  cause,
});

const step = z.strictObject({
  stack: z.string(),
  action: z.enum(["create", "update", "replace", "delete"]),
  part: z.enum(["peers", "apps", "replications", "trust", "exposures", "clusters", "generated", "others"]),
  cluster: z.string().describe("Empty for a resource in no cluster, such as a generated ID."),
  kind: z.string().describe("Kubernetes kind, or type of the resource."),
  namespace: z.string(),
  name: z.string(),
  patch: z.boolean().describe("Some fields of an object that others own, too."),
  source: z.string().describe("The entry of the topology that it comes from; empty where there is none."),
  urn: z.string(),
  cause,
  fields: z.array(field).describe("The fields that an update or a replacement changes."),
  unknown: z.array(z.string()).describe("Paths of values that are known only after the update."),
});

const stack = z.strictObject({
  stack: z.string(),
  error: z.string().optional().describe("Why there is no preview, as the engine says it."),
  pending: z.array(z.string()).describe("What the stack cannot do yet, with its reason and what resolves it."),
  takenOver: z
    .array(z.string())
    .optional()
    .describe("Objects that somebody else has made and that the update takes over, each with what changes in it."),
  warnings: z
    .array(z.string())
    .optional()
    .describe("What the clusters lack and what happens to ports, as the program warns of it, each with what to do."),
  same: z.number().int().describe("Objects that stay as they are."),
});

export const previewReportSchema = z.strictObject({
  version: z.literal(1),
  topology: z.string(),
  base: z.string().optional().describe("What the topology was compared with; absent: each stack's last update."),
  baseMissing: z
    .boolean()
    .optional()
    .describe("True if the base does not have the file, so that nothing is assumed to be deployed before."),
  refreshed: z.boolean().describe("Whether the live objects were read; otherwise, no drift can be seen."),
  summary: z.string().describe("One line."),
  stacks: z.array(stack),
  notBegun: z.array(z.string()).describe("Stacks that were not previewed, since another had failed before."),
  idle: z
    .array(z.string())
    .optional()
    .describe(
      "Stacks that the engine was not asked about, since their next update would be made from the same as the last one. Absent: all were asked about.",
    ),
  steps: z.array(step).describe("All steps; those that the topology does not explain come first."),
});

export type PreviewReport = z.infer<typeof previewReportSchema>;
export type PreviewStep = z.infer<typeof step>;
