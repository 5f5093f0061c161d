import { isBag, type PropertyBag, type PropertyValue } from "../property-values.ts";
import type { ResourceRef } from "../resource-provider.ts";

/** What an object is called in its cluster. */
export interface ObjectIdentity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Undefined: cluster-scoped, or left to the provider's default. */
  readonly namespace: string | undefined;
}

/** The kind in a type token: `kubernetes:core/v1:ServicePatch` gives `ServicePatch`. */
function tokenKind(type: string): string {
  return type.split(":").at(-1) ?? type;
}

/** Whether a resource applies some fields to somebody else's object. */
export function isPatch({ type }: ResourceRef, kind: string): boolean {
  return tokenKind(type) === `${kind}Patch`;
}

export function identityOf(object: PropertyBag): ObjectIdentity {
  const { apiVersion, kind } = object;
  const name = member(object, "metadata", "name");
  const namespace = member(object, "metadata", "namespace");
  if (typeof apiVersion !== "string" || typeof kind !== "string" || typeof name !== "string")
    throw new Error(`an object without apiVersion, kind or metadata.name; it has: ${Object.keys(object).join(", ")}`);
  return { apiVersion, kind, name, namespace: typeof namespace === "string" ? namespace : undefined };
}

/** A resource's ID: `<namespace>/<name>`, or the name alone. */
export function idOf({ namespace, name }: ObjectIdentity): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function parseId(id: string): { namespace: string | undefined; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { namespace: undefined, name: first } : { namespace: first, name: second };
}

/** apiVersion and kind of a type token, for reading an object of which only the ID is known. */
export function groupVersionKind({ type }: ResourceRef): { apiVersion: string; kind: string } {
  const [, groupVersion = "", kind = ""] = type.split(":");
  return { apiVersion: groupVersion.replace(/^core\//, ""), kind };
}

/** A value at a path, undefined where there is none. */
export function member(object: PropertyBag, ...path: string[]): PropertyValue | undefined {
  return path.reduce<PropertyValue | undefined>((value, step) => (isBag(value) ? value[step] : undefined), object);
}

export function annotation(object: PropertyBag, name: string): string | undefined {
  const value = member(object, "metadata", "annotations", `pulumi.com/${name}`);
  return typeof value === "string" ? value : undefined;
}
