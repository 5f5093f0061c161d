/** The keys of a component's arguments, as their interfaces are written, and those of the JSON Schema of a topology file. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { z } from "zod";

/** A key of the arguments. */
export interface ArgumentKey {
  readonly optional: boolean;
  readonly documented: boolean;
  /** Its type, as it is written. */
  readonly type: string;
}

const folder = "components";

/**
 * The keys of an interface by their paths, with those of the interfaces that it names.
 * @param root name of the interface
 * @param within files of the interfaces that are followed
 */
export function keysOfInterface(root: string, within = /\.ts$/): ReadonlyMap<string, ArgumentKey> {
  const files = readdirSync(folder).filter((name) => within.test(name));
  const statements = files.flatMap((name) => [
    ...ts.createSourceFile(name, readFileSync(join(folder, name), "utf8"), ts.ScriptTarget.Latest, true).statements,
  ]);
  const interfaces = new Map(statements.filter(ts.isInterfaceDeclaration).map((each) => [each.name.text, each]));
  const keys = new Map<string, ArgumentKey>();
  const walk = (node: ts.Node | undefined, path: string): void => {
    if (node === undefined) return;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node)) {
      for (const member of node.members.filter(ts.isPropertySignature)) {
        const at = `${path}.${member.name.getText()}`;
        keys.set(at, {
          optional: member.questionToken !== undefined,
          documented: ts.getJSDocCommentsAndTags(member).length > 0,
          type: member.type?.getText() ?? "",
        });
        walk(member.type, at);
      }
    } else if (ts.isTypeReferenceNode(node)) {
      const name = node.typeName.getText();
      if (name === "Readonly") walk(node.typeArguments?.[0], path);
      else if (name === "Record") walk(node.typeArguments?.[1], `${path}.*`);
      else if (name !== "TopologySecret") walk(interfaces.get(name), path);
    } else if (ts.isUnionTypeNode(node)) for (const each of node.types) walk(each, path);
  };
  const found = interfaces.get(root);
  if (!found) throw new Error(`${folder}/ has no interface ${root}`);
  walk(found, "");
  return keys;
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly additionalProperties?: Schema | boolean | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
}
const schema: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    properties: z.record(z.string(), schema).optional(),
    required: z.array(z.string()).optional(),
    additionalProperties: z.union([z.boolean(), schema]).optional(),
    anyOf: z.array(schema).optional(),
  }),
);

/** The keys of a JSON Schema by their paths. */
export function keysOfSchema(json: unknown): ReadonlyMap<string, { readonly optional: boolean }> {
  const keys = new Map<string, { readonly optional: boolean }>();
  const walk = (node: Schema, path: string): void => {
    // The name of a secret, which has a type of its own.
    if (path.endsWith(".playground.token")) return;
    for (const [key, inner] of Object.entries(node.properties ?? {})) {
      keys.set(`${path}.${key}`, { optional: !node.required?.includes(key) });
      walk(inner, `${path}.${key}`);
    }
    if (typeof node.additionalProperties === "object") walk(node.additionalProperties, `${path}.*`);
    for (const each of node.anyOf ?? []) walk(each, path);
  };
  walk(schema.parse(json), "");
  return keys;
}
