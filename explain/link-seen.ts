import type { Seen } from "../status/status-row.ts";
import type { ClusterObjectReference } from "../topology/objects/object-reference.ts";
import type { PlannedReplication } from "../topology/plan/plan.ts";
import type { TrustSeen } from "../trust/stale-trust.ts";
import type { Layer } from "./verdict.ts";

/** Something that is wrong with what exposes a target, and what resolves it. */
export interface ExposureFault {
  readonly what: string;
  readonly mend: string;
}

/** The way to an address as it was seen from one place. Each part is undefined where nobody got as far. */
export interface PathSeen {
  /** Where it was looked at from: `from here`, `from a pod in cluster "east"`. */
  readonly where: string;
  /** The IP addresses of the host, or the reason why its name was not resolved. */
  readonly name?: { readonly addresses: readonly string[] } | { readonly failure: string } | undefined;
  readonly connection?: "open" | { readonly failure: string } | undefined;
  /** True if a certificate was shown. */
  readonly handshake?: "shown" | { readonly failure: string } | undefined;
}

/** All that was read of a link. The verdicts follow from it and from the plan alone. */
export interface LinkSeen {
  /** Objects of both peers, and of what exposes the target. */
  readonly live: (ref: ClusterObjectReference) => Seen;
  readonly trust: TrustSeen;
  /** The `host:port` that the initiator has to dial; undefined: not known here. */
  readonly address: string | undefined;
  /** The faults of the controller or load balancer that exposes the target; or why nobody could look. */
  readonly exposure: readonly ExposureFault[] | { readonly unknown: string };
  readonly here: PathSeen;
  /** From a pod in the initiator's cluster; undefined: not asked for; or why there was none. */
  readonly pod: PathSeen | { readonly unknown: string } | undefined;
  readonly now: Date;
}

/** A document that somebody expects to flow. */
export interface Sample {
  readonly collection: string;
  readonly document: NonNullable<PlannedReplication["probe"]>[string];
}

/** How far a connection got, by the words of the one that dials. */
export type Reached = Extract<Layer, "DNS" | "TCP" | "TLS">;
