import type { ReplicationEntry } from "../file/replication.ts";
import type { Path } from "../findings/finding.ts";

/** The queries on one collection, where a replication has them. */
export interface WrittenQueries {
  /** Below the replication: `["down", "cars"]`, `["perSpoke", "shop-1", "cars"]`. */
  readonly path: Path;
  readonly collection: string;
  readonly texts: readonly string[];
}

/** Every list of queries of a replication, in the order of its keys. */
export function* queriesOf(entry: ReplicationEntry): Iterable<WrittenQueries> {
  for (const key of ["queries", "up", "down"] as const)
    for (const [collection, texts] of Object.entries(entry[key] ?? {}))
      yield { path: [key, collection], collection, texts };
  for (const [spoke, queries] of Object.entries(entry.perSpoke ?? {}))
    for (const [collection, texts] of Object.entries(queries))
      yield { path: ["perSpoke", spoke, collection], collection, texts };
}

/** Below its replication: where the queries stand by which a peer subscribes to a collection. */
export function pathOfQueries(
  { form, hub }: { readonly form: string; readonly hub: string | undefined },
  perSpoke: ReplicationEntry["perSpoke"],
  peer: string,
  collection: string,
): Path {
  if (form !== "hub") return ["queries", collection];
  if (peer === hub) return ["up", collection];
  return perSpoke?.[peer]?.[collection] ? ["perSpoke", peer, collection] : ["down", collection];
}
