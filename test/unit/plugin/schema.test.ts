/** What the plugin tells other languages of BigPeerTopology, held against the component itself. */
import { readFileSync } from "node:fs";
import type { ComponentResource } from "@pulumi/pulumi";
import { ComponentProvider } from "@pulumi/pulumi/provider/experimental/provider.js";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { BigPeerTopology, type BigPeerTopologyArgs } from "../../../components/big-peer-topology.ts";
import type * as declared from "../../../plugin/big-peer-topology.ts";

type OutputsOf<T extends ComponentResource> = Omit<T, keyof ComponentResource | "ready">;
/** A function, and a folder of the program's own, mean nothing in another process. */
type TakenArgs = Omit<BigPeerTopologyArgs, "transform" | "directory">;

test("the declared arguments are those of the component, each of a type that it takes", () => {
  expectTypeOf<keyof declared.BigPeerTopologyArgs>().toEqualTypeOf<keyof TakenArgs>();
  expectTypeOf<declared.BigPeerTopologyArgs>().toExtend<TakenArgs>();
});

test("the declared outputs are those of the component, each of a type that it gives", () => {
  type Given = OutputsOf<BigPeerTopology>;
  type Declared = OutputsOf<declared.BigPeerTopology>;
  expectTypeOf<keyof Declared>().toEqualTypeOf<keyof Given>();
  expectTypeOf<Given>().toExtend<Declared>();
});

const property = z.looseObject({ description: z.string().min(1) });
const object = z.looseObject({ properties: z.record(z.string(), property) });
const schema = z.looseObject({
  name: z.literal("bigpeer"),
  resources: z.strictObject({
    "bigpeer:index:BigPeerTopology": object.extend({
      description: z.string().min(1),
      isComponent: z.literal(true),
      inputProperties: z.record(z.string(), property),
      requiredInputs: z.array(z.string()),
    }),
  }),
  types: z.record(z.string(), object),
});

test("Pulumi's type analysis makes a schema of it in which everything is described, and no argument is required", async () => {
  const provider = new ComponentProvider({ name: "bigpeer", dirname: "plugin", components: [BigPeerTopology] });
  const { resources, types } = schema.parse(JSON.parse(await provider.getSchema()));
  const topology = resources["bigpeer:index:BigPeerTopology"];
  expect(Object.keys(topology.inputProperties).sort()).toEqual(["clusters", "kubeconfig", "secrets", "topology"]);
  expect(topology.requiredInputs).toEqual([]);
  expect(Object.keys(types).sort()).toEqual(["bigpeer:index:Pending", "bigpeer:index:PlaygroundTokens"]);
});

test("the plugin has the version of the package, by which SDKs are named", () => {
  const versionOf = (file: string) =>
    z.looseObject({ version: z.string() }).parse(JSON.parse(readFileSync(file, "utf8")));
  expect(versionOf("plugin/package.json").version).toBe(versionOf("package.json").version);
});
