import type { Output } from "@pulumi/pulumi";
import { expect, test } from "vitest";
import { z } from "zod";
import type { TopologyArgs } from "../../../components/topology-args.ts";
import { topologySchema } from "../../../topology/file/schema.ts";
import { keysOfInterface, keysOfSchema } from "../../support/argument-keys.ts";

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

test("the argument has exactly the keys of a topology file, each as optional as there, and each documented", () => {
  const argument = keysOfInterface("TopologyArgs", /^topology-.*\.ts$/);
  const file = keysOfSchema(z.toJSONSchema(topologySchema, { io: "input", unrepresentable: "any" }));
  const optional = (keys: ReadonlyMap<string, { readonly optional: boolean }>) =>
    [...keys].map(([path, key]) => `${path}${key.optional ? "?" : ""}`).sort();
  expect(optional(argument)).toEqual(optional(file));
  expect(file.size).toBeGreaterThan(150);
  expect([...argument].filter(([, { documented }]) => !documented)).toEqual([]);
});
