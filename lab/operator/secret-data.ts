import type { ClusterObjects } from "./cluster-objects.ts";
import { entriesOf, type WatchedObject } from "./object-cache.ts";

export function findSecret(objects: ClusterObjects, namespace: string, name: string): WatchedObject | undefined {
  return objects.secrets.items().find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
}

/** The text under a key of a Secret; undefined if the key is missing or empty. */
export function decoded(secret: WatchedObject, key: string): string | undefined {
  const value = entriesOf(secret.data).find(([name]) => name === key)?.[1];
  return typeof value === "string" && value !== "" ? Buffer.from(value, "base64").toString("utf8") : undefined;
}
