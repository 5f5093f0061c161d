import type { Pending } from "../program/stack-exports.ts";
import type { Plan } from "../topology/plan/plan.ts";
import { type ProbeDocument, removeDocuments } from "../verify/remove-documents.ts";
import { type VerifyOptions, type VerifyReport, verify } from "../verify/run.ts";
import { type ObjectCounts, observeObjects } from "./objects.ts";

/** Where a round looks for the stacks of the topology. */
export interface WatchedStacks {
  /** The folder of the Pulumi project. */
  readonly project: string;
  /** Their names; empty: the topology has no stacks here, so nobody knows what is pending. */
  readonly names: readonly string[];
}

/** What one round has seen. */
export interface Round {
  readonly ended: Date;
  readonly seconds: number;
  /** The peers of the topology as it was then. */
  readonly peers: readonly string[];
  readonly report: VerifyReport;
  readonly objects: readonly ObjectCounts[];
  /** What the stacks wait for, or why that cannot be read; undefined: there are no stacks. */
  readonly pending: readonly Pending[] | { readonly unreadable: string } | undefined;
  /** Probe documents that could not be deleted, of this round or an earlier one. */
  readonly left: readonly ProbeDocument[];
}

export interface RoundOptions extends Omit<VerifyOptions, "onLeft"> {
  readonly stacks: WatchedStacks;
  /** Probe documents that an earlier round could not delete. */
  readonly left?: readonly ProbeDocument[] | undefined;
}

/**
 * Probes every selected link, and looks at what has drifted and what is pending. Changes nothing: each probe document is deleted again,
 * at the latest in a later round.
 * @throws Error if the run was ended by its signal
 */
export async function observeRound({ stacks, left: before = [], ...options }: RoundOptions): Promise<Round> {
  const { plan, access } = options;
  const began = performance.now();
  const left = await removeDocuments(plan, access, before);
  const [report, objects, pending] = await Promise.all([
    verify({ ...options, onLeft: (document) => left.push(document) }),
    observeObjects(plan, access.kubeconfig),
    pendingOf(plan, stacks),
  ]);
  const seconds = (performance.now() - began) / 1000;
  return { ended: new Date(), seconds, peers: [...plan.peers.keys()], report, objects, pending, left };
}

async function pendingOf(plan: Plan, { project, names }: WatchedStacks): Promise<Round["pending"]> {
  if (names.length === 0) return undefined;
  // Loading what reads a stack takes a while, and a pod without a Pulumi project never needs it.
  const { readDeployed } = await import("../status/deployed-state.ts");
  try {
    return (await readDeployed(project, names, plan)).pending ?? [];
  } catch (error) {
    return { unreadable: error instanceof Error ? error.message : String(error) };
  }
}
