import type { Input } from "@pulumi/pulumi";
import { z } from "zod";
import { onlyCertificates } from "../kubernetes/certificates.ts";
import { withoutPrototype } from "../topology/own-property.ts";

/** Values by name. A peer may be called `constructor`, and a property that every object inherits is not a value that a stack has exported. */
function byName<T extends z.ZodType>(value: T) {
  return z.record(z.string(), value).transform((record) => withoutPrototype(record));
}

/** One or more certificates (PEM). Any other text around them is dropped. */
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
  /**
   * Name of the component to which all resources of the stack belong. If a release did not write it, the resources were created without such a
   * component.
   */
  component: z.string().optional(),
  /** For each peer: its CA certificates (PEM) and the in-cluster `host:port` of its HTTP API. */
  peers: byName(
    z.object({
      caCertificate: certificates,
      api: address,
      /** The name of its cluster in the topology. Missing if a release did not record it. */
      cluster: z.string().optional(),
      /** The size of its store, if the topology specifies one. */
      storage: z.string().optional(),
    }),
  ),
  /**
   * For each cluster of the topology, owned by this stack or another: how it was reached, so that it is recognised
   * under another name. Missing in the exports of older releases.
   */
  clusters: byName(
    z.object({
      context: z.string(),
      kubeconfig: z.string().optional(),
      /** UID of the `kube-system` namespace of each of this stack's own clusters. */
      identity: z.string().optional(),
    }),
  ).optional(),
  /** Clusters of this stack that are gone for good, and of which its state no longer contains anything that would be deleted. */
  forgotten: z.array(z.string()).optional(),
  /** For each replication and peer: in-cluster `host:port` of its side. */
  replications: byName(byName(address)),
  /** For each exposure (see `exposureId`): `host:port` for peers of other clusters. */
  exposures: byName(address),
  /** For each app: its ID. */
  apps: byName(z.object({ id: z.uuid() })),
  /** Apps whose ID this stack generated. Missing in the exports of older releases. */
  generated: z.array(z.string()).optional(),
  /** For each peer that this stack's peers trust: the certificates they trust it by, the newest first. */
  trusted: byName(certificates),
  /**
   * For each peer that this stack owns or trusts: the CA certificates that it has had and that are still trusted, the
   * newest first. Missing in the exports of older releases, and where no rotation is under way.
   */
  former: byName(z.array(z.object({ certificate: certificates, since: z.iso.datetime() }))).optional(),
  /**
   * For each peer: fingerprint of the CA that has signed what its replication ports show, once a rotation has asked for
   * it.
   */
  shown: byName(z.string()).optional(),
  /** For each exposure of another stack that this stack's peers dial: the `host:port` they dial it by. */
  dialled: byName(address).prefault({}),
  /**
   * Fingerprints of everything from which the last update was made: a stack need not be started if its next update would be made from the same.
   * Missing in the exports of older releases, and of a stack that depends on something that cannot be compared.
   */
  madeFrom: z
    .object({
      /** The part of the plan for the stack's clusters. */
      share: z.string(),
      /** The stack's configuration. */
      config: z.string(),
      /** The version of the program. */
      program: z.string(),
      /** The values that were read from the outputs of other stacks. */
      read: z.string(),
    })
    .optional(),
});

export type StackExports = z.infer<typeof stackExports>;

/** The same values as a stack exports them: any part can come from a resource later. */
export type DeclaredExports = Declared<z.input<typeof stackExports>>;

type Declared<T> = T extends object ? { readonly [Key in keyof T]: Input<Declared<T[Key]>> } : T;

/** Something that this stack could not do yet, and what resolves it. */
export interface Pending {
  /** The missing part: `trust of bp2`, `address of west/blue-cars/bp2`. */
  readonly what: string;
  readonly reason: string;
  /** The command, or the edit, that resolves it. */
  readonly next: string;
  /** For something that resolves itself: the latest time at which it does (ISO 8601). Everything works meanwhile. */
  readonly until?: string;
}
