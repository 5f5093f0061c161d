import { z } from "zod";
import type { Path } from "./finding.ts";
import { topologySchema } from "./schema.ts";

interface Schema {
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly additionalProperties?: Schema | boolean | undefined;
  readonly items?: Schema | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
}

const schemaShape: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    description: z.string().optional(),
    properties: z.record(z.string(), schemaShape).optional(),
    additionalProperties: z.union([z.boolean(), schemaShape]).optional(),
    items: schemaShape.optional(),
    anyOf: z.array(schemaShape).optional(),
  }),
);

let jsonSchema: Schema | undefined;

/** Made only once something is wrong: a good topology never pays for it. */
function schemaAt(path: Path): Schema[] {
  jsonSchema ??= schemaShape.parse(z.toJSONSchema(topologySchema, { io: "input", unrepresentable: "any" }));
  return path.reduce<Schema[]>(
    (schemas, step) =>
      schemas.flatMap((schema) => {
        const next =
          typeof step === "number" ? schema.items : (schema.properties?.[step] ?? schema.additionalProperties);
        if (typeof next !== "object") return [];
        return [next, ...(next.anyOf ?? [])];
      }),
    [jsonSchema],
  );
}

/** The keys that a mapping at a path may have. */
export function knownKeys(path: Path): string[] {
  return schemaAt(path).flatMap((schema) => Object.keys(schema.properties ?? {}));
}

const entries: Readonly<Record<string, { name: string; example: string }>> = {
  clusters: { name: "dev", example: "{ namespace: ditto }" },
  peers: { name: "bp1", example: "{ cluster: dev, version: 1.63.2 }" },
  apps: { name: "cars", example: "{ peers: [bp1, bp2] }" },
  replications: {
    name: "blue-cars",
    example: `{ app: cars, between: [bp1, bp2], queries: { cars: ["color = 'blue'"] } }`,
  },
};

const examples: Readonly<Record<string, string>> = {
  between: "name two peers: `between: [bp1, bp2]`; for more, write `mesh: [bp1, bp2, bp3]`, or `hub` and `spokes`",
  mesh: "name at least two peers: `mesh: [bp1, bp2, bp3]`",
  spokes: "write a list of peers: `spokes: [shop-1, shop-2]`",
  queries: 'write collection and predicates: `queries: { cars: ["color = \'blue\'"] }`; "true" is the whole collection',
};

/** What to write at a path: an example where there is one, else what the schema says of it, else `otherwise`. */
export function expectation(path: Path, otherwise: string): string {
  const [section, name] = path;
  const entry = entries[String(section)];
  if (entry && path.length === 1) return `write a mapping by name: \`${section}: { ${entry.name}: ${entry.example} }\``;
  if (entry && path.length === 2) return `write a mapping: \`${name}: ${entry.example}\``;
  const example = examples[String(path.at(-1))];
  if (example !== undefined) return example;
  const description = schemaAt(path).find((schema) => schema.description !== undefined)?.description;
  return description === undefined ? otherwise : `write: ${description}`;
}
