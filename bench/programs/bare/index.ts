/** The least that a program can do: read the objects from a file and register them in a loop. */
import { readFileSync } from "node:fs";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { CustomResourcePatch } from "@pulumi/kubernetes/apiextensions/customResourcePatch.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import { Config, type Resource } from "@pulumi/pulumi";
import type { BareObject } from "../../bare-objects.ts";

const config = new Config("bare");
const objects: BareObject[] = JSON.parse(readFileSync(config.require("objects"), "utf8"));
const provider = new Provider("cluster", { context: config.require("context"), enableServerSideApply: true });
const registered = new Map<string, Resource>();

for (const { name, role, manifest } of objects) {
  if (role === "patch") {
    const owner = registered.get(`${manifest.kind}/${manifest.metadata.name}`);
    const options = { provider, additionalSecretOutputs: ["spec"], ...(owner ? { dependsOn: owner } : {}) };
    new CustomResourcePatch(name, manifest, options);
  } else if (manifest.kind === "Secret") {
    const { metadata, type, data } = manifest;
    new Secret(name, { metadata, type, data }, { provider });
  } else {
    registered.set(`${manifest.kind}/${manifest.metadata.name}`, new CustomResource(name, manifest, { provider }));
  }
}
