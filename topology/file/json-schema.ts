import { z } from "zod";
import { expansionSchema, selection } from "../expand/schema.ts";
import { topologySchema } from "./schema.ts";

type Schema = Readonly<Record<string, unknown>>;

const options = { io: "input", unrepresentable: "any" } as const;

let made: Schema | undefined;

/**
 * The JSON Schema of a topology file as it is written, before templates are expanded. An included file may leave out
 * any of its keys, so none is required.
 */
export function fileSchema(): Schema {
  made ??= withExpansion(z.toJSONSchema(topologySchema, options), z.toJSONSchema(expansionSchema, options));
  return made;
}

/** The topology's JSON Schema for editors, as the text of topology.schema.json. */
export function jsonSchemaText(): string {
  return `${JSON.stringify({ title: "bigpeer-topology", ...fileSchema() }, null, 2)}\n`;
}

const sections = ["clusters", "peers", "apps", "replications"] as const;
const definitions = "#/$defs/";

function withExpansion(topology: Schema, expansion: Schema): Schema {
  const entries = Object.fromEntries(
    sections.map((section) => [section, withSelections(at(topology, "properties", section, "additionalProperties"))]),
  );
  const written = sections.reduce<Schema>(
    (schema, section) => put(schema, ["properties", section, "additionalProperties"], entries[section]),
    topology,
  );
  const reference = (section: string) => ({ $ref: `${definitions}${section}-template` });
  const family = ["properties", "sites", "additionalProperties", "properties"];
  const defaults = ["properties", "defaults", "properties"];
  const labelled = [...defaults, "byLabel", "items", "properties"];
  let keys = expansion;
  for (const section of sections) keys = put(keys, [...family, section, "additionalProperties"], reference(section));
  for (const place of [defaults, labelled])
    for (const section of ["clusters", "peers"] as const)
      keys = put(keys, [...place, section], {
        description: at(keys, ...place, section).description,
        ...reference(section),
      });
  const { required: _, properties, ...rest } = written;
  return {
    ...rest,
    properties: { ...object(properties), ...object(keys.properties) },
    $defs: {
      ...object(written.$defs),
      ...Object.fromEntries(sections.map((section) => [`${section}-template`, templated(entries[section])])),
    },
  };
}

/** Peers may be named, or chosen by their labels. */
function withSelections(entry: Schema): Schema {
  const chosen = z.toJSONSchema(selection, options);
  const { $schema: _, ...choice } = chosen;
  return ["peers", "spokes", "mesh"].reduce<Schema>((schema, key) => {
    const list = object(object(schema.properties)[key]);
    if (list.type !== "array") return schema;
    const { description, minItems: __, ...rest } = list;
    const mixed = { ...rest, items: { anyOf: [list.items, choice] } };
    return put(schema, ["properties", key], { description, anyOf: [mixed, choice] });
  }, entry);
}

const placeholder = { type: "string", pattern: "\\{[a-z]+\\.[A-Za-z_]" };

/**
 * The schema of an entry in which any value may be a placeholder, and any key may come from a template or a default.
 */
function templated(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(templated);
  if (typeof schema !== "object" || schema === null) return schema;
  const { required: _, propertyNames: __, default: ___, ...rest } = object(schema);
  const inner = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      key === "properties"
        ? Object.fromEntries(Object.entries(object(value)).map(([name, each]) => [name, templated(each)]))
        : nested.has(key)
          ? templated(value)
          : value,
    ]),
  );
  const bare = inner.type === "string" && inner.pattern === undefined && inner.format === undefined;
  const scalar = ["string", "integer", "number", "boolean"].includes(String(inner.type)) || "const" in inner;
  if (!scalar || (bare && !("enum" in inner))) return inner;
  const { description, ...value } = inner;
  return { ...(description === undefined ? {} : { description }), anyOf: [value, placeholder] };
}

const nested: ReadonlySet<string> = new Set(["items", "additionalProperties", "anyOf", "allOf", "oneOf"]);

function object(value: unknown): Schema {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function at(schema: Schema, ...path: readonly string[]): Schema {
  return path.reduce((current, step) => object(current[step]), schema);
}

function put(schema: Schema, path: readonly string[], value: unknown): Schema {
  const [step, ...rest] = path;
  if (step === undefined) return object(value);
  return { ...schema, [step]: rest.length === 0 ? value : put(object(schema[step]), rest, value) };
}
