import type { BigPeerSettings } from "./manifests.ts";
import type { OperatorContract } from "./operator.ts";
import { compareQuantities } from "./quantity.ts";

/** The size of a store's volumes that a Big Peer declares, in its own setting or in what `spec` passes through; undefined: the operator's default. */
export function declaredSize(
  settings: Pick<BigPeerSettings, "store" | "spec">,
  operator: OperatorContract,
): string | undefined {
  return settings.store?.storage ?? sizeIn({ spec: settings.spec }, operator);
}

/** The size of a store's volumes in a BigPeer object. */
export function sizeIn(object: unknown, operator: OperatorContract): string | undefined {
  const size = operator.fields.bigPeer.storeStorageSize
    .split(".")
    .reduce<unknown>(
      (value, step) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, step)
          ? Reflect.get(value, step)
          : undefined,
      object,
    );
  return typeof size === "string" || typeof size === "number" ? String(size) : undefined;
}

/**
 * Whether volumes would have to become smaller, or nobody can say that they would not. Kubernetes lets a volume grow and refuses to
 * make it smaller ("Resizing volumes" in its documentation of persistent volumes), so a smaller one is a new, empty one.
 * @param before undefined: it has no size of its own, so whatever comes is taken for enough
 * @param after undefined: the operator's default, which may be less
 */
export function shrinks(before: string | undefined, after: string | undefined): boolean {
  if (before === undefined || before === after) return false;
  return after === undefined || (compareQuantities(after, before) ?? -1) < 0;
}
