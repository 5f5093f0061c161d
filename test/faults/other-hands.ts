import type { KubernetesObject } from "@kubernetes/client-node";
import type { Manifest } from "../../topology/objects/manifests.ts";

/** One value that we apply, by its path in the object. */
export interface Leaf {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

/** Every value of an object that is ours, but for what names it and the provider's own annotations. */
export function leavesOf({ apiVersion: _, kind: __, metadata, type: ___, ...rest }: Manifest): Leaf[] {
  return [...leaves({ labels: metadata.labels ?? {} }, ["metadata"]), ...leaves(rest, [])];
}

function leaves(value: unknown, path: readonly (string | number)[]): Leaf[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "object"))
    return value.flatMap((item, index) => leaves(item, [...path, index]));
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
  return [{ path, value }];
}

/** The object as somebody else would have it: every value another one that the API server takes. */
export function inOtherHands({ apiVersion, kind, metadata, type: _, ...rest }: Manifest): KubernetesObject {
  const { name, namespace, labels } = metadata;
  return {
    ...{ apiVersion, kind },
    metadata: { name: String(name), namespace: String(namespace), labels: labelsOfOthers(labels ?? {}) },
    ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, another(value, key)])),
  };
}

/** The object without a field: whoever applies it holds none any more. */
export function givenUp({ apiVersion, kind, metadata }: Manifest): KubernetesObject {
  return { apiVersion, kind, metadata: { name: String(metadata.name), namespace: String(metadata.namespace) } };
}

function labelsOfOthers(labels: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.keys(labels).map((key) => [key, "theirs"]));
}

function another(value: unknown, key: string): unknown {
  // Connections are a set: others can add to it, and take nothing.
  if (key === "connections") return value;
  if (Array.isArray(value)) return value.map((item) => another(item, key));
  if (typeof value === "object" && value !== null)
    // A name in a list is what tells its items apart: with another name it would be another item, and no conflict.
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, name === "name" ? inner : another(inner, name)]),
    );
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  const text = String(value);
  if (/^\d+\.\d+\.\d+$/.test(text)) return "1.62.0";
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(text)) return "aaaaaaaa-0000-4000-8000-000000000000";
  if (/^\d+(m|[KMG]i)?$/.test(text)) return "7Gi";
  if (/^[^\s/]+:\d+$/.test(text)) return "elsewhere.example.com:4040";
  if (key.endsWith(".crt")) return Buffer.from("theirs").toString("base64");
  return text.startsWith("http") ? "https://theirs.example.com" : `${text}-theirs`;
}

/** The leaves of ours that a live object does not have. In a list that others add to, ours have to be among the items. */
export function lacking(live: unknown, all: readonly Leaf[]): string[] {
  return all.flatMap(({ path, value }) => {
    const now = path.reduce<unknown>((current, step) => member(current, step), live);
    const holds =
      Array.isArray(value) && Array.isArray(now) ? value.every((item) => now.includes(item)) : now === value;
    return holds ? [] : [`${path.join(".")} is ${JSON.stringify(now)} in place of ${JSON.stringify(value)}`];
  });
}

function member(current: unknown, step: string | number): unknown {
  if (typeof current !== "object" || current === null) return undefined;
  return Object.entries(current).find(([key]) => key === String(step))?.[1];
}
