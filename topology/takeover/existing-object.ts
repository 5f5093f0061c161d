import { z } from "zod";
import { managedByUs } from "../objects/manifests.ts";
import { mask } from "../secrets/texts.ts";

/** An object of a cluster that a plan writes, too. */
export interface ExistingObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** RFC 3339; undefined: the API server does not say. */
  readonly created: string | undefined;
  /** The managers that have written fields other than its status, such as `kubectl-create`; the first to write comes first. */
  readonly managers: readonly string[];
  /** True if this program has made it, by whatever stack: it carries our label, and Pulumi has put it there. */
  readonly ours: boolean;
  /** Its fields, without a value of a Secret. */
  readonly fields: Readonly<Record<string, unknown>>;
}

const managedField = z.object({
  manager: z.string().default("unknown"),
  time: z.string().optional(),
  subresource: z.string().optional(),
  fieldsV1: z.unknown().optional(),
});
const liveObject = z.looseObject({
  metadata: z.object({
    name: z.string(),
    namespace: z.string().default(""),
    creationTimestamp: z.union([z.string(), z.date().transform((date) => date.toISOString())]).nullish(),
    labels: z.record(z.string(), z.string()).nullish(),
    annotations: z.record(z.string(), z.string()).nullish(),
    managedFields: z.array(z.preprocess(withTimeAsText, managedField)).nullish().catch([]),
  }),
});

/**
 * Reads a live object. Undefined: it is none.
 * @param kind the items of a list do not say theirs
 */
export function existingObject(kind: string, object: unknown): ExistingObject | undefined {
  const parsed = liveObject.safeParse(object);
  if (!parsed.success) return undefined;
  const { metadata, status: _, ...rest } = parsed.data;
  const written = (metadata.managedFields ?? []).filter(({ subresource }) => subresource !== "status");
  const byTime = written.toSorted((one, other) => (one.time ?? "").localeCompare(other.time ?? ""));
  return {
    kind,
    namespace: metadata.namespace,
    name: metadata.name,
    // The typed client makes a date with milliseconds of it.
    created: metadata.creationTimestamp?.replace(/\.\d+Z$/, "Z"),
    managers: [...new Set(byTime.map(({ manager }) => manager))],
    ours:
      metadata.labels?.[label] === program &&
      written.some(({ manager, fieldsV1 }) => manager.startsWith("pulumi-kubernetes") && putsOurLabel(fieldsV1)),
    fields: {
      metadata: { labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {} },
      ...(kind === "Secret" ? withoutValues(rest) : rest),
    },
  };
}

const [label = "", program = ""] = Object.entries(managedByUs).flat();
const labels = z.object({ "f:metadata": z.object({ "f:labels": z.record(z.string(), z.unknown()) }) });

function putsOurLabel(fields: unknown): boolean {
  return Object.hasOwn(labels.safeParse(fields).data?.["f:metadata"]["f:labels"] ?? {}, `f:${label}`);
}

/** Only the names of a Secret's keys are kept. */
function withoutValues({ data, stringData: _, ...rest }: Readonly<Record<string, unknown>>) {
  const keys = typeof data === "object" && data !== null ? Object.keys(data) : [];
  return { ...rest, data: Object.fromEntries(keys.map((key) => [key, mask])) };
}

/** The typed client gives dates, and the one for custom resources gives texts. */
function withTimeAsText(field: unknown): unknown {
  if (typeof field !== "object" || field === null || !("time" in field)) return field;
  return { ...field, time: field.time instanceof Date ? field.time.toISOString() : field.time };
}
