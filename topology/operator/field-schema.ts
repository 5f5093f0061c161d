import { z } from "zod";
import { ownProperty } from "../own-property.ts";

/** The schema of one field in a CRD: the part of the structural schema that decides whether a value would be kept and accepted. */
export interface FieldSchema {
  readonly type: string | undefined;
  readonly properties: Readonly<Record<string, FieldSchema>>;
  readonly required: readonly string[];
  readonly items: FieldSchema | undefined;
  /** The schema of every key that `properties` does not name; undefined if such keys are pruned. */
  readonly additional: FieldSchema | undefined;
  readonly intOrString: boolean;
  readonly preservesUnknown: boolean;
  readonly nullable: boolean;
  readonly hasDefault: boolean;
  /** The vendor's description; empty where there is none. */
  readonly description: string;
  /** The values that it takes; empty: any of its type. */
  readonly values: readonly unknown[];
}

const anything: FieldSchema = {
  type: undefined,
  properties: {},
  required: [],
  items: undefined,
  additional: undefined,
  intOrString: false,
  preservesUnknown: true,
  nullable: true,
  hasDefault: false,
  description: "",
  values: [],
};

// The official client renames the extensions where it knows the type and leaves them alone behind `additionalProperties`.
const wire = z.object({
  type: z.string().optional(),
  description: z.string().nullish(),
  enum: z.array(z.unknown()).nullish(),
  _enum: z.array(z.unknown()).nullish(),
  properties: z.record(z.string(), z.unknown()).nullish(),
  required: z.array(z.string()).nullish(),
  items: z.unknown().optional(),
  additionalProperties: z.unknown().optional(),
  nullable: z.boolean().nullish(),
  default: z.unknown().optional(),
  _default: z.unknown().optional(),
  "x-kubernetes-int-or-string": z.boolean().nullish(),
  x_kubernetes_int_or_string: z.boolean().nullish(),
  "x-kubernetes-preserve-unknown-fields": z.boolean().nullish(),
  x_kubernetes_preserve_unknown_fields: z.boolean().nullish(),
  "x-kubernetes-embedded-resource": z.boolean().nullish(),
  x_kubernetes_embedded_resource: z.boolean().nullish(),
});

/** Reads an openAPIV3Schema, as the API server or the official client gives it. What cannot be read is taken to accept anything. */
export function fieldSchema(schema: unknown): FieldSchema {
  const parsed = wire.safeParse(schema);
  if (!parsed.success) return anything;
  const { data } = parsed;
  const embedded = data["x-kubernetes-embedded-resource"] ?? data.x_kubernetes_embedded_resource ?? false;
  const declared = Object.entries(data.properties ?? {}).map(([name, inner]): [string, FieldSchema] => [
    name,
    fieldSchema(inner),
  ]);
  const implied = embedded
    ? ["apiVersion", "kind", "metadata"].map((name): [string, FieldSchema] => [name, anything])
    : [];
  const { additionalProperties: additional } = data;
  return {
    type: data.type,
    properties: Object.fromEntries([...implied, ...declared]),
    required: data.required ?? [],
    items: data.items === undefined || data.items === null ? undefined : fieldSchema(data.items),
    additional:
      additional === true
        ? anything
        : typeof additional === "object" && additional
          ? fieldSchema(additional)
          : undefined,
    intOrString: data["x-kubernetes-int-or-string"] ?? data.x_kubernetes_int_or_string ?? false,
    preservesUnknown:
      data["x-kubernetes-preserve-unknown-fields"] ?? data.x_kubernetes_preserve_unknown_fields ?? false,
    nullable: data.nullable ?? false,
    hasDefault: data.default !== undefined || data._default !== undefined,
    description: data.description ?? "",
    values: data.enum ?? data._enum ?? [],
  };
}

/** A value that the API server would drop or refuse. */
export type Misfit =
  /** Pruned, or refused under strict validation. */
  | { readonly kind: "unknown"; readonly path: readonly string[]; readonly value: unknown }
  | {
      readonly kind: "type";
      readonly path: readonly string[];
      readonly value: unknown;
      readonly schema: FieldSchema;
    }
  | { readonly kind: "required"; readonly path: readonly string[]; readonly schema: FieldSchema };

/** Everything about a value that its schema does not take. A path's steps are keys and the indices of lists.
 * @param whole whether the value is all that will be there: then what is required has to be in it */
export function misfits(schema: FieldSchema, value: unknown, whole: boolean, path: readonly string[] = []): Misfit[] {
  if (value === undefined || (value === null && schema.nullable)) return [];
  if (!isOfType(schema, value)) return [{ kind: "type", path, value, schema }];
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!items) return [];
    return value.flatMap((item, index) => misfits(items, item, whole, [...path, String(index)]));
  }
  if (typeof value !== "object" || value === null) return [];
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const missing = whole ? schema.required.filter((name) => !entries.some(([key]) => key === name)) : [];
  return [
    ...entries.flatMap(([key, inner]) => {
      const known = Object.entries(schema.properties).find(([name]) => name === key)?.[1] ?? schema.additional;
      if (known) return misfits(known, inner, whole, [...path, key]);
      return schema.preservesUnknown ? [] : [{ kind: "unknown" as const, path: [...path, key], value: inner }];
    }),
    ...missing.flatMap((name) => {
      const inner = ownProperty(schema.properties, name) ?? anything;
      return inner.hasDefault ? [] : [{ kind: "required" as const, path: [...path, name], schema: inner }];
    }),
  ];
}

function isOfType({ type, intOrString, preservesUnknown }: FieldSchema, value: unknown): boolean {
  if (intOrString) return typeof value === "string" || Number.isInteger(value);
  switch (type) {
    case undefined:
      return preservesUnknown || typeof value === "object";
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "number":
      return typeof value === "number";
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    default:
      return true;
  }
}

/** The schema of a field by its path; undefined where there is none. */
export function schemaAt(schema: FieldSchema, path: readonly string[]): FieldSchema | undefined {
  return path.reduce<FieldSchema | undefined>((current, step) => {
    if (!current) return undefined;
    const known = Object.entries(current.properties).find(([name]) => name === step)?.[1] ?? current.additional;
    return known ?? (current.preservesUnknown ? anything : undefined);
  }, schema);
}

/** Every field that a schema names, by its path, the outer before the inner. What lists and maps hold is left out. */
export function namedFields(
  schema: FieldSchema,
  path: readonly string[] = [],
): { path: string[]; schema: FieldSchema }[] {
  return Object.entries(schema.properties).flatMap(([name, inner]) => [
    { path: [...path, name], schema: inner },
    ...namedFields(inner, [...path, name]),
  ]);
}

/** A field's type for a person: "string", "list of objects with name", "map of lists of strings". */
export function describeType(schema: FieldSchema): string {
  if (schema.intOrString) return "integer or string";
  if (schema.type === "array") return schema.items ? `list of ${plural(schema.items)}` : "list";
  if (schema.type === "object" || schema.type === undefined) {
    const names = Object.keys(schema.properties);
    if (names.length > 0) return `object with ${names.slice(0, 4).join(", ")}${names.length > 4 ? ", …" : ""}`;
    if (schema.additional) return `map of ${plural(schema.additional)}`;
    return schema.type ?? "anything";
  }
  return schema.type;
}

function plural(schema: FieldSchema): string {
  return describeType(schema).replace(/^(string|integer|number|boolean|object|list|map)\b/, "$1s");
}

/** A value's type for a person, in the same words. */
export function describeValue(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) {
    const [first] = value;
    return first === undefined ? "list" : `list of ${describeValue(first).replace(/^(\w+)/, "$1s")}`;
  }
  if (typeof value === "object") {
    const names = Object.keys(value);
    return names.length > 0 ? `object with ${names.slice(0, 4).join(", ")}${names.length > 4 ? ", …" : ""}` : "object";
  }
  return Number.isInteger(value) ? "integer" : typeof value;
}
