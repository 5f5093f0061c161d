import type { V1JSONSchemaProps } from "@kubernetes/client-node";
import type { Shape } from "../../topology/operator/shape.ts";

export type Schema = V1JSONSchemaProps;

export const text: Schema = { type: "string" };
export const flag: Schema = { type: "boolean" };
export const count: Schema = { type: "integer", minimum: 0, format: "int32" };
export const dnsLabel: Schema = { type: "string", maxLength: 63, pattern: "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$" };
export const texts: Schema = { type: "array", items: text };
export const uuid: Schema = {
  type: "string",
  pattern: "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
};
/** A Kubernetes quantity such as 10Gi. */
export const quantity: Schema = {
  anyOf: [{ type: "integer" }, { type: "string" }],
  x_kubernetes_int_or_string: true,
};

export function object(properties: Record<string, Schema>, required: readonly string[] = []): Schema {
  return { type: "object", properties, ...(required.length === 0 ? {} : { required: [...required] }) };
}

export function mapOf(schema: Schema): Schema {
  // The client sends what is behind `additionalProperties` as it is, so the names have to be the API's here.
  return { type: "object", additionalProperties: JSON.parse(JSON.stringify(schema, apiNames)) };
}

function apiNames(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const renamed = Object.entries(value).map(([key, inner]) => [
    key.startsWith("x_kubernetes_") ? key.replaceAll("_", "-") : key.replace(/^_/, ""),
    inner,
  ]);
  return Object.fromEntries(renamed);
}

/** A list whose items are known by a key, so that several field managers can each own some. */
export function listBy(key: string, items: Schema): Schema {
  return { type: "array", items, x_kubernetes_list_type: "map", x_kubernetes_list_map_keys: [key] };
}

/** The schema of a value that is written in a shape of the contract, with every member required. @param leaves by placeholder */
export function fromShape(shape: Shape, leaves: Readonly<Record<string, Schema>>): Schema {
  if (typeof shape === "string") return leaves[shape.replace(/^\{|\}$/g, "")] ?? { type: "string", _enum: [shape] };
  if (typeof shape === "number") return { type: "number" };
  if (typeof shape === "boolean") return flag;
  if (isList(shape)) return { type: "array", items: fromShape(shape[0] ?? "", leaves) };
  const members = Object.entries(shape ?? {});
  return object(
    Object.fromEntries(members.map(([key, inner]) => [key, fromShape(inner, leaves)])),
    members.map(([key]) => key),
  );
}

/** A list of what a shape says, known by the member that is a placeholder; a list of texts is a set. */
export function listOfShape(shape: Shape, key: string, leaves: Readonly<Record<string, Schema>>): Schema {
  const items = fromShape(shape, leaves);
  if (typeof shape === "string") return { type: "array", items, x_kubernetes_list_type: "set" };
  const [member] = Object.entries(shape ?? {}).find(([, inner]) => inner === `{${key}}`) ?? [];
  return member === undefined ? { type: "array", items, x_kubernetes_list_type: "atomic" } : listBy(member, items);
}

function isList(shape: Shape): shape is readonly Shape[] {
  return Array.isArray(shape);
}

export const resources: Schema = object({ requests: mapOf(quantity), limits: mapOf(quantity) });

/** An object schema out of dotted paths, such as those of the operator's contract. A later path adds to what is there. */
export function fromPaths(paths: readonly (readonly [path: string, schema: Schema])[]): Schema {
  return paths.reduce((root, [path, schema]) => withPath(root, path.split("."), schema), object({}));
}

function withPath(root: Schema, [step, ...rest]: readonly string[], schema: Schema): Schema {
  if (step === undefined) return merged(root, schema);
  const properties = root.properties ?? {};
  return { ...root, properties: { ...properties, [step]: withPath(properties[step] ?? object({}), rest, schema) } };
}

/** Joins what two sources know of a field: the members of both. */
function merged(before: Schema, schema: Schema): Schema {
  if (schema.type !== "object" || !before.properties || !schema.properties) return schema;
  return { ...before, ...schema, properties: { ...before.properties, ...schema.properties } };
}
