import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { fileSchema } from "../../../../topology/file/json-schema.ts";

const schema = z.fromJSONSchema(z.record(z.string(), z.json()).parse(fileSchema()));
const files = ["topologies", "topologies/fleet"].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => `${folder}/${name}`),
);

test.each(files)("the JSON Schema for editors accepts %s, also one that is only included", (file) => {
  expect(schema.safeParse(parse(readFileSync(file, "utf8"))).error?.issues).toBeUndefined();
});

test.each([
  ["a misspelt key of a family", { sites: { shops: { tables: "shops.csv" } } }],
  ["a misspelt key of a template", { sites: { shops: { rows: [], peers: { "{site.name}": { clutser: "x" } } } } }],
  ["a misspelt key of the defaults", { defaults: { peers: { verson: "1.63.2" } } }],
  ["a number where a list of files belongs", { include: 3 }],
  ["a choice by no label", { apps: { retail: { peers: { label: { tier: "shop" } } } } }],
])("it marks %s", (_, value) => {
  expect(schema.safeParse(value).success).toBe(false);
});
