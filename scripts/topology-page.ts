import { z } from "zod";
import { jsonSchemaText } from "../topology/file/json-schema.ts";

interface Schema {
  readonly description?: string | undefined;
  readonly $ref?: string | undefined;
  readonly type?: string | readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: Schema | boolean | undefined;
  readonly items?: Schema | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
}

const schemaShape: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    description: z.string().optional(),
    $ref: z.string().optional(),
    type: z.union([z.string(), z.array(z.string())]).optional(),
    enum: z.array(z.unknown()).optional(),
    const: z.unknown().optional(),
    default: z.unknown().optional(),
    properties: z.record(z.string(), schemaShape).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: z.union([z.boolean(), schemaShape]).optional(),
    items: schemaShape.optional(),
    anyOf: z.array(schemaShape).optional(),
  }),
);

/** The sections with a table of their own: the path of each in the schema, and the text before its table. */
const sections: readonly { readonly title: string; readonly path: string; readonly text: string }[] = [
  { title: "The file", path: "", text: "" },
  { title: "clusters", path: "clusters.<name>", text: "" },
  {
    title: "exposure",
    path: "clusters.<name>.exposures.<name>",
    text: "Exactly one of the six ways, in `exposure` of a cluster or under a name in its `exposures`. [exposure.md](exposure.md) explains which one to choose.",
  },
  { title: "ingress", path: "clusters.<name>.ingress", text: "The same keys hold for each of `ingresses`." },
  { title: "peers", path: "peers.<name>", text: "" },
  { title: "auth", path: "peers.<name>.auth", text: "The same keys hold for the `auth` of an app." },
  { title: "apps", path: "apps.<name>", text: "" },
  { title: "replications", path: "replications.<name>", text: "" },
  {
    title: "defaults",
    path: "defaults",
    text: "Defaults for clusters and peers that do not set a value themselves; [Declare many sites](how-to/declare-many-sites.md) has examples. Mappings are merged, and anything else is replaced. A peer has the labels of its cluster in addition to its own.",
  },
  {
    title: "sites",
    path: "sites.<name>",
    text: "A family of sites: its entries are generated once for each row of its table. A value that consists only of a placeholder has the type of the column, and is left out if the row has no value.",
  },
  {
    title: "waves",
    path: "waves.<item>",
    text: "A list; [Deploy in waves](how-to/deploy-in-waves.md) has examples. The lists of several files are joined in the order of the files.",
  },
  {
    title: "operator",
    path: "operator",
    text: "Leave it out unless the check of a cluster (`bigpeer check --live`) reports that your operator differs. `fields` are paths in its custom resources.",
  },
];

const introduction = `# The topology file

Every key, generated from topology/file/schema.ts by \`npm run generate\`. Editors read all keys from [topology.schema.json](../topology.schema.json), to which the
first line of the files in topologies/ refers. [rules.md](rules.md) lists what can be wrong with a file as a whole.`;

/** The text of docs/topology.md. */
export function topologyPage(): string {
  const root = schemaShape.parse(JSON.parse(jsonSchemaText()));
  const parts = sections.map(({ title, path, text }) => {
    const schema = path.split(".").reduce((current, step) => (step === "" ? current : child(current, step)), root);
    const rows = keysOf(schema, "").map(row);
    const table = ["| key | what to write | meaning | default |", "| --- | --- | --- | --- |", ...rows].join("\n");
    return [`## ${title}`, ...(text === "" ? [] : [text]), table].join("\n\n");
  });
  return `${[introduction, ...parts].join("\n\n")}\n`;
}

function child(schema: Schema, step: string): Schema {
  const found =
    step === "<name>" ? schema.additionalProperties : step === "<item>" ? schema.items : schema.properties?.[step];
  if (typeof found !== "object") throw new Error(`the schema has no ${step} there`);
  return found;
}

interface Key {
  readonly name: string;
  readonly schema: Schema;
  readonly required: boolean;
}

/** The keys of a mapping, each followed by the keys within it, except for keys that have a section of their own. */
function keysOf(schema: Schema, prefix: string): Key[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    const own = { name, schema: value, required: schema.required?.includes(key) ?? false };
    const alone = sections.some(({ title }) => title === key) || key === "ingresses" || key === "exposures";
    return [own, ...(alone ? [] : within(value, name))];
  });
}

function within(schema: Schema, name: string): Key[] {
  const named =
    typeof schema.additionalProperties === "object" ? within(schema.additionalProperties, `${name}.<name>`) : [];
  return [...keysOf(schema, `${name}.`), ...named, ...(schema.anyOf ?? []).flatMap((each) => keysOf(each, `${name}.`))];
}

function row({ name, schema, required }: Key): string {
  const shown = schema.default === undefined || typeof schema.default === "object" ? "" : code(String(schema.default));
  if (schema.description === undefined) throw new Error(`${name} has no description`);
  const section = sections.find(({ title }) => title === name);
  const key = section ? `[${code(name)}](#${section.title})` : code(name);
  const cells = [key, what(schema), schema.description, required && shown === "" ? "required" : shown];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function what(schema: Schema): string {
  if (schema.enum) return schema.enum.map((each) => code(String(each))).join(", ");
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.anyOf) return [...new Set(schema.anyOf.map(what))].join(" or ");
  if (schema.$ref) return "mapping";
  if (typeof schema.type === "object") return [...new Set(schema.type.map((type) => what({ type })))].join(" or ");
  if (schema.type === "array") return `list of ${what(schema.items ?? {})}`;
  if (schema.type === "object") return "mapping";
  const names: Record<string, string> = {
    string: "text",
    integer: "number",
    number: "number",
    null: "nothing",
    boolean: "true or false",
  };
  return names[schema.type ?? ""] ?? "any value";
}

function code(text: string): string {
  return `\`${text}\``;
}
