import type { WatchedObject } from "../../lab/operator/object-cache.ts";

let made = 0;

/** An object as a watch of the lab has it, each younger than the one before. */
export function watched(
  name: string,
  spec: object,
  metadata: { readonly namespace?: string; readonly labels?: Record<string, string> } = {},
): WatchedObject {
  made += 1;
  const creationTimestamp = new Date(made * 1_000).toISOString();
  const { namespace = "ditto", labels = {} } = metadata;
  return {
    metadata: { name, namespace, labels, annotations: {}, uid: `uid-${made}`, generation: 1, creationTimestamp },
    spec,
  };
}
