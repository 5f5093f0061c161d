/** The ESC environment in examples/esc, held against what the program reads of a stack's configuration. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { output, runtime, unsecret } from "@pulumi/pulumi";
import { beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { loadKubeConfig } from "../../../kubernetes/kubeconfig.ts";
import { configuresKubeconfig, stackConfig } from "../../../program/stack-files.ts";
import { loadPlan } from "../../../topology/check.ts";

const folder = "examples/esc";
const { plan, text } = loadPlan(join(folder, "topology.yaml"));
const environment = z
  .strictObject({ values: z.looseObject({ pulumiConfig: z.record(z.string(), z.unknown()) }) })
  .parse(parse(readFileSync(join(folder, "environment.yaml"), "utf8")));

/** What ESC makes of a value: the part of its language that the example uses. */
function evaluated(value: unknown): unknown {
  if (typeof value === "string") {
    const [, path] = /^\$\{([\w.]+)\}$/.exec(value) ?? [];
    return path === undefined ? value : evaluated(valueAt(path));
  }
  if (Array.isArray(value)) return value.map(evaluated);
  const fields = z.record(z.string(), z.unknown()).parse(value);
  if ("fn::secret" in fields) return fields["fn::secret"];
  if ("fn::toJSON" in fields) return JSON.stringify(evaluated(fields["fn::toJSON"]));
  return Object.fromEntries(Object.entries(fields).map(([key, each]) => [key, evaluated(each)]));
}

function valueAt(path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => {
    const fields = z.record(z.string(), z.unknown()).parse(value);
    if (!(key in fields)) throw new Error(`\${${path}} of the environment is not there: no ${key}`);
    return fields[key];
  }, environment.values);
}

const given = Object.fromEntries(
  Object.entries(environment.values.pulumiConfig).map(([key, value]) => [key, z.string().parse(evaluated(value))]),
);

beforeAll(async () => {
  const mocks = { newResource: () => ({ id: "", state: {} }), call: () => ({}) };
  await runtime.setMocks(mocks, "shop", "shop-east", false, "acme");
});

test("every key of the environment is one that the program reads, and it gives every secret that the topology names", () => {
  const named = [...text.matchAll(/token: \{ config: (\w+) \}/g)].map(([, key]) => `bigpeer:${key}`);
  expect(named).not.toEqual([]);
  const reference = readFileSync("docs/configuration.md", "utf8");
  const keys = [...reference.matchAll(/^\| `(bigpeer:\w+)` \|/gm)].map(([, key = ""]) => key);
  expect(keys).toContain("bigpeer:kubeconfig");
  expect(Object.keys(given).filter((key) => !named.includes(key) && !keys.includes(key))).toEqual([]);
  expect(named.filter((key) => !(key in given))).toEqual([]);
});

test("the program finds the kubeconfig and the secret under these keys, and the topology in the stack's file", async () => {
  const file = stackConfig("shop-east", folder);
  runtime.setAllConfig({ ...given, "bigpeer:topology": String(file["bigpeer:topology"]) }, Object.keys(given));
  const { readConfiguration } = await import("../../../program/configuration.ts");
  const configuration = readConfiguration({ directory: resolve(folder) });
  expect(configuration.topology).toBe(join(folder, "topology.yaml"));
  const value = (of: unknown) => new Promise((done) => void unsecret(output(of)).apply(done));
  expect(await value(configuration.kubeconfig)).toBe(given["bigpeer:kubeconfig"]);
  expect(await value(configuration.secret("carsToken"))).toBe("the-playground-token-of-cars");
});

test("its kubeconfig has the context of every cluster of the topology, with a server and a token of its own", () => {
  for (const { context } of plan.clusters.values()) {
    const config = loadKubeConfig({ kubeconfig: given["bigpeer:kubeconfig"], context });
    expect(config.getCurrentCluster()?.server).toBe(`https://api.${context}.example.com`);
    expect(config.getCurrentUser()?.token).toBe(`the-token-for-${context}`);
  }
});

test("every stack of the topology names the environment, and nothing secret stands in its file", () => {
  const stacks = readdirSync(folder).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  expect(stacks).toEqual([...plan.clusters.values()].map(({ stack }) => stack));
  for (const stack of stacks) {
    expect(configuresKubeconfig(stack, folder)).toBe(true);
    expect(Object.keys(stackConfig(stack, folder))).toEqual(["bigpeer:topology"]);
  }
});
