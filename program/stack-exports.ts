import type { Input } from "@pulumi/pulumi";
import { z } from "zod";
import { onlyCertificates } from "../kubernetes/certificates.ts";
import { withoutPrototype } from "../topology/own-property.ts";

/** By name; a peer may be called `constructor`, and what every object inherits is not what a stack has said of it. */
function byName<T extends z.ZodType>(value: T) {
  return z.record(z.string(), value).transform((record) => withoutPrototype(record));
}

/** One or more certificates (PEM). Whatever else the text holds stays where it is. */
const certificates = z.string().transform((pem, context) => {
  try {
    return onlyCertificates(pem, { namespace: "", secret: "", key: "" });
  } catch {
    context.addIssue("does not contain a valid certificate");
    return z.NEVER;
  }
});

/** `host:port`, an IPv6 address in brackets: what the operator takes for a connection (API). */
const address = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^:\s[\]]+):[0-9]{1,5}$/, "is not host:port");

/**
 * What a stack exports for the stacks of other clusters: its output `topology`. Versioned, since the stacks of one topology may run
 * different releases of this program for a while. Nothing in it is secret.
 */
export const stackExports = z.object({
  contract: z.literal(1),
  /** Name of the component that all resources of the stack belong to. A release before it was written has made them without one. */
  component: z.string().optional(),
  /** For each peer: its CA certificates (PEM) and the in-cluster `host:port` of its HTTP API. */
  peers: byName(
    z.object({
      caCertificate: certificates,
      api: address,
      /** What the topology calls its cluster. A release before it was written has not said. */
      cluster: z.string().optional(),
      /** The size of its store, where the topology gives one. */
      storage: z.string().optional(),
    }),
  ),
  /**
   * For each cluster of the topology, owned by this stack or another: how it was reached, so that it is recognized under another name.
   * A release before it was written has not said.
   */
  clusters: byName(
    z.object({
      context: z.string(),
      kubeconfig: z.string().optional(),
      /** UID of its `kube-system`, of this stack's own clusters. */
      identity: z.string().optional(),
    }),
  ).optional(),
  /** Clusters of this stack that are gone for good, of which its state holds nothing that would be deleted. */
  forgotten: z.array(z.string()).optional(),
  /** For each replication and peer: in-cluster `host:port` of its side. */
  replications: byName(byName(address)),
  /** For each exposure (see `exposureId`): `host:port` for peers of other clusters. */
  exposures: byName(address),
  /** For each app: its ID. */
  apps: byName(z.object({ id: z.uuid() })),
  /** Apps whose ID this stack generated. A release before it was written has not said. */
  generated: z.array(z.string()).optional(),
  /** For each peer that this stack's peers trust: the certificates they trust it by, the newest first. */
  trusted: byName(certificates),
  /**
   * For each peer that this stack owns or trusts: the CA certificates that it has had and that are still trusted, the newest first. A release
   * before it was written has not said, and neither has a stack without a rotation under way.
   */
  former: byName(z.array(z.object({ certificate: certificates, since: z.iso.datetime() }))).optional(),
  /** For each peer: fingerprint of the CA that has signed what its replication ports show, once a rotation has asked for it. */
  shown: byName(z.string()).optional(),
  /** For each exposure of another stack that this stack's peers dial: the `host:port` they dial it by. */
  dialled: byName(address).prefault({}),
  /**
   * Fingerprints of everything that the last update was made from: a stack whose next one would be made from the same need not be started. A
   * release before it was written has not said, and neither has a stack that something goes into which cannot be compared.
   */
  madeFrom: z
    .object({
      /** What the plan has for the stack's clusters. */
      share: z.string(),
      /** The stack's configuration. */
      config: z.string(),
      /** The version of the program. */
      program: z.string(),
      /** What was read from the outputs of other stacks. */
      read: z.string(),
    })
    .optional(),
});

export type StackExports = z.infer<typeof stackExports>;

/** The same as a stack exports it: any part may be a value that a resource gives later. */
export type DeclaredExports = Declared<z.input<typeof stackExports>>;

type Declared<T> = T extends object ? { readonly [Key in keyof T]: Input<Declared<T[Key]>> } : T;

/** Something that this stack could not do yet, and what brings it about. */
export interface Pending {
  /** What is missing: `trust of bp2`, `address of west/blue-cars/bp2`. */
  readonly what: string;
  readonly reason: string;
  /** The command, or the edit, that resolves it. */
  readonly next: string;
  /** Where it ends by itself: when at the latest (ISO 8601). Everything works meanwhile. */
  readonly until?: string;
}
