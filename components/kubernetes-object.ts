import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { CustomResourcePatch } from "@pulumi/kubernetes/apiextensions/customResourcePatch.js";
import { DaemonSetPatch } from "@pulumi/kubernetes/apps/v1/daemonSetPatch.js";
import { DeploymentPatch } from "@pulumi/kubernetes/apps/v1/deploymentPatch.js";
import { ConfigMapPatch } from "@pulumi/kubernetes/core/v1/configMapPatch.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { ServicePatch } from "@pulumi/kubernetes/core/v1/servicePatch.js";
import {
  type ComponentResourceOptions,
  type CustomResourceOptions,
  type Input,
  type Output,
  output,
  runtime,
  secret,
} from "@pulumi/pulumi";
import type { Manifest, Transform } from "../topology/objects/manifests.ts";
import { withSecretsAs } from "../topology/secrets/values.ts";
import { withCarried } from "./carried-inputs.ts";

/** Creates a custom resource of Pulumi's Kubernetes provider from a manifest, after the owner's own change to it. */
export function customResource(
  name: string,
  manifest: Manifest,
  transform: Transform | undefined,
  options: CustomResourceOptions,
): CustomResource {
  return new CustomResource(name, asArgs(changed(manifest, transform)), options);
}

/**
 * For a protected object, returns the field whose change would cost its documents. The engine treats another value there as another object, and then
 * refuses the change. Without `protect`, it is a change like any other.
 */
export function refusedIfProtected(
  options: ComponentResourceOptions | undefined,
  field: string,
): Pick<CustomResourceOptions, "replaceOnChanges"> {
  return options?.protect === true ? { replaceOnChanges: [field] } : {};
}

/** Applies the fields of a manifest beside the fields that others own of the object (server-side apply). */
export function customResourcePatch(
  name: string,
  manifest: Manifest,
  transform: Transform | undefined,
  options: CustomResourceOptions,
): CustomResourcePatch {
  const { metadata, ...args } = asArgs(changed(manifest, transform));
  return new CustomResourcePatch(name, { ...args, metadata: withName(metadata) }, options);
}

/** Creates a Secret from a manifest. */
export function secretObject(
  name: string,
  manifest: Manifest,
  transform: Transform | undefined,
  options: CustomResourceOptions,
): Secret {
  const { metadata, type, data } = asArgs(changed(manifest, transform));
  return new Secret(name, { metadata, type, data }, options);
}

/** Applies keys of a ConfigMap beside those of other owners; creates the ConfigMap if it does not exist. */
export function configMapPatch(
  name: string,
  manifest: Manifest,
  transform: Transform | undefined,
  options: CustomResourceOptions,
): ConfigMapPatch {
  const { metadata, data } = asArgs(changed(manifest, transform));
  return new ConfigMapPatch(name, { metadata: withName(metadata), data }, options);
}

/** Creates a Service from a manifest. */
export function serviceObject(
  name: string,
  manifest: Manifest,
  transform: Transform | undefined,
  options: CustomResourceOptions,
): Service {
  const { metadata, spec } = asArgs(changed(manifest, transform));
  return new Service(name, { metadata, spec }, options);
}

/** Applies ports of a Service beside those of other owners. */
export function servicePatch(
  name: string,
  manifest: Manifest,
  transform: Transform | undefined,
  options: CustomResourceOptions,
): ServicePatch {
  const { metadata, spec } = asArgs(changed(manifest, transform));
  return new ServicePatch(name, { metadata: withName(metadata), spec }, options);
}

/** Applies fields of a Deployment. */
export function deploymentPatch(
  name: string,
  manifest: Manifest,
  transform: Transform | undefined,
  options: CustomResourceOptions,
): DeploymentPatch {
  const { metadata, spec } = asArgs(changed(manifest, transform));
  return new DeploymentPatch(name, { metadata: withName(metadata), spec }, options);
}

/** Applies fields of a DaemonSet. */
export function daemonSetPatch(
  name: string,
  manifest: Manifest,
  transform: Transform | undefined,
  options: CustomResourceOptions,
): DaemonSetPatch {
  const { metadata, spec } = asArgs(changed(manifest, transform));
  return new DaemonSetPatch(name, { metadata: withName(metadata), spec }, options);
}

/**
 * Gives the metadata of a patch a name in every preview. Pulumi's Kubernetes provider refuses a patch without a name when it checks the patch, and
 * does no more than that in a preview; a name that another resource provides may be known only in the update.
 */
function withName<T extends { readonly name: Input<string> }>(metadata: T): T {
  if (!runtime.isDryRun() || typeof metadata.name === "string") return metadata;
  return { ...metadata, name: nameInPreview(output(metadata.name)) };
}

function nameInPreview(name: Output<string>): Output<string> {
  // The SDK has it for itself: a function that is applied to an unknown value is not called.
  const given: unknown = Reflect.get(name, "isKnown");
  const isKnown = Promise.resolve(given).then((known) => known === true);
  return output(isKnown).apply((known) => (known ? name : output("not-known-yet")));
}

/** Applies the caller's own change last. */
function changed(manifest: Manifest, transform: Transform | undefined): Manifest {
  return transform ? transform(manifest) : manifest;
}

/**
 * The one place where a Kubernetes object enters Pulumi's types, which do not include the operator's kinds. A value that is named like a secret, or
 * contains one, is a secret to the engine, too: masked in its output, and encrypted in the state.
 */
// biome-ignore lint/suspicious/noExplicitAny: the provider types the fields of a custom resource as `any`
function asArgs(manifest: Manifest): { apiVersion: string; kind: string; metadata: any; [field: string]: any } {
  const { apiVersion, kind, ...rest } = manifest;
  const { metadata, ...fields } = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, withCarried(value)]),
  );
  const kept = Object.entries(fields).map(([field, value]) => [
    field,
    withSecretsAs(({ value: found }) => secret(found), value),
  ]);
  return { apiVersion, kind, metadata, ...Object.fromEntries(kept) };
}
