import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Output } from "@pulumi/pulumi";
import ts from "typescript";
import { expect, test } from "vitest";
import { z } from "zod";
import type { TopologyArgs } from "../../../components/topology-args.ts";
import { topologySchema } from "../../../topology/file/schema.ts";

/** The argument without the values of other resources that it may hold. */
type Plain<T> = T extends Output<unknown> | Promise<unknown>
  ? never
  : T extends readonly (infer Item)[]
    ? readonly Plain<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Plain<T[Key]> }
      : T;
type ReadOnly<T> = T extends readonly (infer Item)[]
  ? readonly ReadOnly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: ReadOnly<T[Key]> }
    : T;
type Written = ReadOnly<z.input<typeof topologySchema>>;

// Each is an error of the compiler where a value of one is none of the other. Which keys there are is compared below.
export const asWritten = (args: Plain<TopologyArgs>): Written => args;
export const asArgument = (written: Written): Plain<TopologyArgs> => written;

interface Key {
  readonly optional: boolean;
  readonly documented: boolean;
}

test("the argument has exactly the keys of a topology file, each as optional as there, and each documented", () => {
  const argument = keysOfArgument();
  const file = keysOfSchema(z.toJSONSchema(topologySchema, { io: "input", unrepresentable: "any" }));
  const optional = (keys: ReadonlyMap<string, { readonly optional: boolean }>) =>
    [...keys].map(([path, key]) => `${path}${key.optional ? "?" : ""}`).sort();
  expect(optional(argument)).toEqual(optional(file));
  expect(file.size).toBeGreaterThan(150);
  expect([...argument].filter(([, { documented }]) => !documented)).toEqual([]);
});

/** The keys of the argument by their paths, as its interfaces are written. */
function keysOfArgument(): ReadonlyMap<string, Key> {
  const folder = "components";
  const files = readdirSync(folder).filter((name) => /^topology-.*\.ts$/.test(name));
  const statements = files.flatMap((name) => [
    ...ts.createSourceFile(name, readFileSync(join(folder, name), "utf8"), ts.ScriptTarget.Latest, true).statements,
  ]);
  const interfaces = new Map(statements.filter(ts.isInterfaceDeclaration).map((each) => [each.name.text, each]));
  const keys = new Map<string, Key>();
  const walk = (node: ts.Node | undefined, path: string): void => {
    if (node === undefined) return;
    if (ts.isInterfaceDeclaration(node)) {
      for (const member of node.members.filter(ts.isPropertySignature)) {
        const at = `${path}.${member.name.getText()}`;
        const documented = ts.getJSDocCommentsAndTags(member).length > 0;
        keys.set(at, { optional: member.questionToken !== undefined, documented });
        walk(member.type, at);
      }
    } else if (ts.isTypeReferenceNode(node)) {
      const name = node.typeName.getText();
      if (name === "Readonly") walk(node.typeArguments?.[0], path);
      else if (name === "Record") walk(node.typeArguments?.[1], `${path}.*`);
      else if (name !== "TopologySecret") walk(interfaces.get(name), path);
    } else if (ts.isUnionTypeNode(node)) for (const each of node.types) walk(each, path);
  };
  walk(interfaces.get("TopologyArgs"), "");
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

/** The same of the JSON Schema. */
function keysOfSchema(json: unknown): ReadonlyMap<string, { readonly optional: boolean }> {
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
