import { z } from "zod";
import type { Path } from "../findings/finding.ts";
import { ownProperty } from "../own-property.ts";
import { fileSchema } from "./json-schema.ts";

interface Schema {
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly additionalProperties?: Schema | boolean | undefined;
  readonly items?: Schema | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly required?: readonly string[] | undefined;
  readonly type?: string | readonly string[] | undefined;
}

const schemaShape: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    description: z.string().optional(),
    properties: z.record(z.string(), schemaShape).optional(),
    additionalProperties: z.union([z.boolean(), schemaShape]).optional(),
    items: schemaShape.optional(),
    anyOf: z.array(schemaShape).optional(),
    required: z.array(z.string()).optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
  }),
);

let jsonSchema: Schema | undefined;

/** Built only when something is wrong: a good topology never pays for it. */
function schemaAt(path: Path): Schema[] {
  jsonSchema ??= schemaShape.parse(fileSchema());
  return path.reduce<Schema[]>(
    (schemas, step) =>
      schemas.flatMap((schema) => {
        const next =
          typeof step === "number"
            ? schema.items
            : (ownProperty(schema.properties, step) ?? schema.additionalProperties);
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

/** True if the key at the end of a path is optional. */
export function isOptional(path: Path): boolean {
  const key = String(path.at(-1));
  // A file may leave out what another file gives; a whole topology may not.
  if (path.length === 1) return key !== "clusters" && key !== "peers";
  return schemaAt(path.slice(0, -1)).some(
    ({ properties, required }) => ownProperty(properties, key) && !required?.includes(key),
  );
}

/** The types that JSON Schema allows at a path. */
export function typesAt(path: Path): string[] {
  return schemaAt(path).flatMap(({ type }) => type ?? []);
}

/**
 * The shortest path of keys from a mapping down to a key: `["store"]` for `replicas` of a peer. Undefined: there is
 * none.
 */
export function wayTo(key: string, path: Path): readonly string[] | undefined {
  const ways: (readonly string[])[] = [[]];
  for (const way of ways) {
    const keys = knownKeys([...path, ...way]);
    if (way.length > 0 && keys.includes(key)) return way;
    if (way.length < 3) ways.push(...keys.map((each) => [...way, each]));
  }
  return undefined;
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

const peerList = "write a list of peers: `peers: [bp1, bp2]`";
const onePeer = (key: string) => `name one peer: \`${key}: bp1\``;
const queryMap = (key: string) =>
  `write collection and predicates: \`${key}: { cars: ["color = 'blue'"] }\`; "true" is the whole collection`;
const query = `write a DQL predicate in quotes, such as "color = 'blue'", or a list of them; "true" is the whole collection`;
const ports = "write the first and the last port: `ports: 4040-4139`";
const number = (key: string) => `write a whole number of at least 1: \`${key}: 3\``;

/** By place, without the entry's name and the indices of lists. */
const examples: Readonly<Record<string, string>> = {
  "clusters.context":
    "name a context of the kubeconfig, in quotes if necessary (`kubectl config get-contexts` lists them)",
  "clusters.inbound": "write `inbound: none`, or leave the key out",
  "clusters.exposure":
    "write one way, such as `exposure: { loadBalancer: {} }`, or names of `exposures`: `exposure: [former, latter]`",
  "clusters.exposures": "write a mapping by name: `exposures: { balancer: { loadBalancer: {} } }`",
  "clusters.ingress": "write `ingress: { host: bp.east.example.com, ports: 4040-4139 }`",
  "clusters.ingress.host": "write the name under which other clusters reach it: `host: bp.east.example.com`",
  "clusters.ingress.ports": ports,
  "clusters.ingresses": "write a mapping by name: `ingresses: { partners: { host: partners.example.com } }`",
  "peers.cluster": "name one cluster, as `clusters` has it: `cluster: dev`",
  "peers.version": "write three numbers, in full: `version: 1.63.2`",
  "peers.exposure": "name one of its cluster's `exposures`, or several: `exposure: [former, latter]`",
  "peers.store": "write `store: { replicas: 3, storage: 100Gi }`",
  "peers.store.replicas": number("replicas"),
  "peers.store.partitions": number("partitions"),
  "peers.store.mrf": number("mrf"),
  "peers.subscriptions": "write `subscriptions: { replicas: 2 }`",
  "peers.subscriptions.replicas": number("replicas"),
  "peers.evicts": "write a list of collections: `evicts: [orders]`",
  "peers.auth": "write `auth: { webhooks: { staff: { url: https://auth.example.com/ditto } } }`",
  "apps.peers": peerList,
  "apps.collections": "write a list of collections: `collections: [orders, menus]`",
  "replications.app": "name the app, as `apps` has it: `app: cars`",
  include: "write a file, a folder, or a list of them, from the folder of this file: `include: [regions/eu.yaml]`",
  defaults: "write settings of all peers or clusters: `defaults: { peers: { version: 1.63.2 } }`",
  sites:
    'write a mapping by name: `sites: { shops: { table: shops.csv, peers: { "{site.name}": { cluster: "{site.name}" } } } }`',
  "replications.between":
    "name two peers: `between: [bp1, bp2]`; for more, write `mesh: [bp1, bp2, bp3]`, or `hub` and `spokes`",
  "replications.from": onePeer("from"),
  "replications.to":
    "name one peer: `to: bp2`; for several write `hub: bp1`, `spokes: [bp2, bp3]` and `down` for what they subscribe to",
  "replications.hub": onePeer("hub"),
  "replications.mesh": "name at least two peers: `mesh: [bp1, bp2, bp3]`",
  "replications.spokes": "write a list of peers: `spokes: [shop-1, shop-2]`",
  "replications.queries": queryMap("queries"),
  "replications.up": queryMap("up"),
  "replications.down": queryMap("down"),
  "replications.perSpoke": 'write spoke, collection and predicates: `perSpoke: { shop-1: { cars: ["store = 1"] } }`',
  "replications.address":
    "write host and port: `address: bp2.west.example.com:4040`, or one for each target: `address: { bp2: bp2.west.example.com:4040 }`",
  "replications.port": "write a number from 1 to 65535: `port: 4100`, or one for each target: `port: { bp2: 4100 }`",
};

/** What to write at a path: an example where there is one, else `otherwise` together with the schema's description. */
export function expectation(path: Path, otherwise: string): string {
  const [section, name] = path;
  const entry = ownProperty(entries, String(section));
  if (entry && path.length === 1) return `write a mapping by name: \`${section}: { ${entry.name}: ${entry.example} }\``;
  if (entry && path.length === 2) return `write a mapping: \`${name}: ${entry.example}\``;
  if (section === "replications" && ["queries", "up", "down"].includes(String(path[2])) && path.length > 3)
    return query;
  const example = ownProperty(examples, placeOf(path));
  if (example !== undefined) return example;
  const description = schemaAt(path).find((schema) => schema.description !== undefined)?.description;
  return description === undefined ? otherwise : `${otherwise}. The key means: ${description.replace(/\.$/, "")}`;
}

/** A path without the names and indices that differ from file to file: `peers.store.replicas`. */
export function placeOf(path: Path): string {
  const [section, , ...rest] = path;
  const [first, , ...inner] = rest;
  const one = first === "ingresses" ? "ingress" : first === "exposures" ? "exposure" : undefined;
  const steps = one !== undefined && rest.length > 1 ? [one, ...inner] : rest;
  return [section, ...steps].filter((step) => typeof step === "string").join(".");
}
