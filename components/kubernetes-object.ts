import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { CustomResourcePatch } from "@pulumi/kubernetes/apiextensions/customResourcePatch.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { Manifest, Transform } from "../topology/manifests.ts";

/** Makes the object of a manifest a custom resource of Pulumi's Kubernetes provider, after the owner's own change to it. */
export function customResource(
  name: string,
  manifest: Manifest,
  transform: Transform | undefined,
  options: CustomResourceOptions,
): CustomResource {
  return new CustomResource(name, asArgs(transform ? transform(manifest) : manifest), options);
}

/** Applies the fields of a manifest beside what others own of the object (server-side apply). */
export function customResourcePatch(
  name: string,
  manifest: Manifest,
  transform: Transform | undefined,
  options: CustomResourceOptions,
): CustomResourcePatch {
  return new CustomResourcePatch(name, asArgs(transform ? transform(manifest) : manifest), options);
}

/** Makes the Secret of a manifest a resource. */
export function secretObject(name: string, manifest: Manifest, options: CustomResourceOptions): Secret {
  const { metadata, type, data } = asArgs(manifest);
  return new Secret(name, { metadata, type, data }, options);
}

/** The one place where a Kubernetes object enters Pulumi's types, which know nothing of the operator's. */
// biome-ignore lint/suspicious/noExplicitAny: the provider types the fields of a custom resource as `any`
function asArgs(manifest: Manifest): { apiVersion: string; kind: string; metadata: any; [field: string]: any } {
  return { ...manifest };
}
