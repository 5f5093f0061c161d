import type { Manifest } from "./manifests.ts";

/** A reference to an object of a cluster. */
export interface ObjectReference {
  /** Group and version: `ditto.live/v1alpha1`. */
  readonly apiVersion: string;
  /** Its kind: `BigPeer`. */
  readonly kind: string;
  /** Namespace of the object. */
  readonly namespace: string;
  /** Its name. */
  readonly name: string;
}

/** A reference to an object and its cluster. A patch is distinct from the object that it changes, since this project may own both. */
export interface ClusterObjectReference extends ObjectReference {
  /** The name of its cluster in the topology. */
  readonly cluster: string;
  /** `object`: this project owns the object; `patch`: some fields of an object that others own, too. */
  readonly role: "object" | "patch";
}

/** A reference as text, different for every object of a topology. */
export function objectKey({ cluster, apiVersion, kind, namespace, name, role }: ClusterObjectReference): string {
  return [cluster, apiVersion, kind, namespace, name, role].join("/");
}

/** The reference of an object that a plan declares. */
export function referenceOf(
  cluster: string,
  { apiVersion, kind, metadata }: Manifest,
  role: ClusterObjectReference["role"],
): ClusterObjectReference {
  return { cluster, apiVersion, kind, namespace: String(metadata.namespace), name: String(metadata.name), role };
}
