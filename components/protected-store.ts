import { type Input, Output, output, RunError, unsecret } from "@pulumi/pulumi";
import type { Manifest } from "../topology/objects/manifests.ts";
import type { ObjectReference } from "../topology/objects/object-reference.ts";
import { sizeIn, sizeIsApplied, smallerStore } from "../topology/objects/store-size.ts";
import type { OperatorContract } from "../topology/operator/contract.ts";

/**
 * A BigPeer whose volumes can grow, and which is refused, in a preview and in an update, if they would shrink. The engine treats every new size as
 * the same kind of change, so the current size is read from the live object.
 * @param live reads an object of the cluster
 * @returns the manifest, whose name is rejected with a RunError if the store would shrink
 */
export function withoutSmallerStore(
  manifest: Manifest,
  operator: OperatorContract,
  live: (reference: Input<ObjectReference>) => Output<unknown>,
): Manifest {
  const { apiVersion, kind, metadata } = manifest;
  const place = output([output(metadata.namespace), output(metadata.name)] as const);
  const there = live(
    place.apply(([namespace, name]) => ({ apiVersion, kind, namespace: String(namespace), name: String(name) })),
  );
  const planned = output(inputAt(manifest, operator.fields.bigPeer.storeStorageSize.split(".")));
  const verdict = output([there, planned, place] as const).apply(([object, size, [, name]]) => {
    const after = size === undefined ? undefined : String(size);
    const before = after !== undefined || sizeIsApplied(object, operator) ? sizeIn(object, operator) : undefined;
    const refused = smallerStore(String(name), before, after);
    if (refused === undefined) return;
    throw new RunError(
      `${refused}. Put ${before} back; or replicate its data to another Big Peer, and take \`protect\` away from this one`,
    );
  });
  // The object may hold a shared token, and the kubeconfig may be a secret. That the store may be changed is not a
  // secret.
  const name = output([unsecret(verdict), output(metadata.name)] as const).apply(([, name]) => name);
  return { ...manifest, metadata: { ...metadata, name } };
}

/** The value at a path, any part of which another resource may provide later. */
function inputAt(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return value;
  if (Output.isInstance(value)) return value.apply((known: unknown) => inputAt(known, [step, ...rest]));
  return typeof value === "object" && value !== null && Object.hasOwn(value, step)
    ? inputAt(Reflect.get(value, step), rest)
    : undefined;
}
