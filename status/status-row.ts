import type { Pending } from "../program/stack-exports.ts";
import type { ClusterObjectReference } from "../topology/objects/object-reference.ts";
import type { TrustSeen } from "../trust/stale-trust.ts";
import type { LiveCondition } from "./live-conditions.ts";

/** What was seen of an object: itself, undefined where it is not there, or why nobody could look. */
export type Seen =
  | { readonly object: unknown /** When it was last written. */; readonly changed?: Date | undefined }
  | { readonly unknown: string };

export interface Observation {
  /** As the stack wrote it last. */
  readonly deployed: (ref: ClusterObjectReference) => Seen;
  /** What the stacks have written that is declared nowhere. */
  readonly leftovers: (declared: readonly ClusterObjectReference[]) => readonly ClusterObjectReference[];
  /** As it is in its cluster; undefined: not asked for. */
  readonly live: ((ref: ClusterObjectReference) => Seen) | undefined;
  /** For each peer: when its CA certificate expires. */
  readonly caExpiry: ReadonlyMap<string, Date>;
  /** Who trusts which CA; undefined: not asked for. */
  readonly trust?: TrustSeen | undefined;
  /** The stack of every cluster for which the topology names none, where only one stack has the topology. */
  readonly stack?: string | undefined;
  /** What the stacks say that they wait for. */
  readonly pending?: readonly Pending[] | undefined;
}

/** Whether something is there as it is declared. */
export type State = "yes" | "no" | "differs" | "unknown";

export interface StatusRow {
  /** In the topology: `peers.bp1`; `not declared` for what is left over. */
  readonly source: string;
  readonly ref: ClusterObjectReference;
  /** Where the row is about one port of an ingress controller: its ConfigMap's entry and its Service's port together. */
  readonly exposure?: { readonly peer: string; readonly port: number };
  readonly deployed: State;
  /** When a stack last wrote it. */
  readonly changed: Date | undefined;
  readonly live: State | undefined;
  /** True if it has what nobody has declared, and documents may flow that no review has seen. */
  readonly undeclared?: true;
  readonly ready: LiveCondition | undefined;
  readonly connected: LiveCondition | undefined;
  readonly caExpires: Date | undefined;
  readonly problems: readonly Problem[];
}

export interface Problem {
  readonly what: string;
  /** The command, or the edit, that mends it. */
  readonly mend: string;
  /** True if no update can mend it, and one stops there: the field is somebody else's. */
  readonly foreign?: true;
}
