import { z } from "zod";

/**
 * What a stack tells the stacks of other clusters: its output `topology`. Versioned, since the stacks of one topology may run
 * different releases of this program for a while. Nothing in it is secret.
 */
export const stackContract = z.object({
  contract: z.literal(1),
  /** By peer: its CA certificates (PEM) and the in-cluster `host:port` of its HTTP API. */
  peers: z.record(
    z.string(),
    z.object({
      caCertificate: z.string().includes("BEGIN CERTIFICATE"),
      api: z.string(),
      /** The size of its store, where the topology gives one. */
      storage: z.string().optional(),
    }),
  ),
  /** By replication, then peer: in-cluster `host:port` of its side. */
  replications: z.record(z.string(), z.record(z.string(), z.string())),
  /** By exposure (`<cluster>/<replication>/<peer>`): `host:port` for peers of other clusters. */
  exposures: z.record(z.string(), z.string()),
  /** By app: its ID. */
  apps: z.record(z.string(), z.object({ id: z.uuid() })),
  /** By peer that this stack's peers trust: the certificates they trust it by, the newest first. */
  trusted: z.record(z.string(), z.string()),
  /** By exposure of another stack that this stack's peers dial: the `host:port` they dial it by. */
  dialled: z.record(z.string(), z.string()).default({}),
});

export type StackContract = z.infer<typeof stackContract>;

/** Something that this stack could not do yet, and what brings it about. */
export interface Pending {
  /** What is missing: `trust of bp2`, `address of west/blue-cars/bp2`. */
  readonly what: string;
  readonly reason: string;
  /** The command, or the edit, that resolves it. */
  readonly next: string;
}
