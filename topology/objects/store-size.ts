import type { Peer } from "../file/peer.ts";
import type { OperatorContract } from "../operator/contract.ts";
import { valueAt } from "../value-at.ts";
import { compareQuantities } from "./quantity.ts";

/** The size of a store's volumes that a Big Peer declares, in its own setting or in what `spec` passes through; undefined: the operator's default. */
export function declaredSize(
  settings: Partial<Pick<Peer, "store" | "spec">>,
  operator: OperatorContract,
): string | undefined {
  return settings.store?.storage ?? sizeIn({ spec: settings.spec }, operator);
}

/** The size of a store's volumes in a BigPeer object. */
export function sizeIn(object: unknown, operator: OperatorContract): string | undefined {
  const size = valueAt(object, operator.fields.bigPeer.storeStorageSize.split("."));
  return typeof size === "string" || typeof size === "number" ? String(size) : undefined;
}

/**
 * True if whoever applied a live BigPeer has set the size of its volumes, so that it goes when nobody sets it any more. A default of the
 * CustomResourceDefinition has no such owner (Kubernetes: server-side apply, managedFields).
 */
export function sizeIsApplied(live: unknown, operator: OperatorContract): boolean {
  const entries = valueAt(live, ["metadata", "managedFields"]);
  const steps = operator.fields.bigPeer.storeStorageSize.split(".").map((step) => `f:${step}`);
  return (
    Array.isArray(entries) &&
    entries.some(
      (entry: unknown) =>
        valueAt(entry, ["operation"]) === "Apply" && valueAt(entry, ["fieldsV1", ...steps]) !== undefined,
    )
  );
}

/** Says in a sentence what a smaller store would mean. @returns undefined where the volumes stay, or grow */
export function smallerStore(name: string, before: string | undefined, after: string | undefined): string | undefined {
  if (!shrinks(before, after)) return undefined;
  const change =
    after === undefined
      ? `would have the operator's default size, which may be less than its ${before}`
      : `would shrink from ${before} to ${after}`;
  return `the store of the Big Peer "${name}" ${change}: Kubernetes cannot shrink a volume, and a new one has none of its documents`;
}

/**
 * True if volumes would have to become smaller, or nobody can say that they would not. Kubernetes lets a volume grow and refuses to
 * make it smaller ("Resizing volumes" in its documentation of persistent volumes), so a smaller one is a new, empty one.
 * @param before undefined: it has no size of its own, so whatever comes is taken for enough
 * @param after undefined: the operator's default, which may be less
 */
function shrinks(before: string | undefined, after: string | undefined): boolean {
  if (before === undefined || before === after) return false;
  return after === undefined || (compareQuantities(after, before) ?? -1) < 0;
}
