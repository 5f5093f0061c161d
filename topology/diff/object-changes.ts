import type { Path } from "../findings/finding.ts";
import { clusterManifests } from "../objects/cluster-manifests.ts";
import type { Manifest } from "../objects/manifests.ts";
import { type ClusterObjectReference, objectKey, referenceOf } from "../objects/object-reference.ts";
import { ownProperty } from "../own-property.ts";
import type { Plan } from "../plan/plan.ts";

/** An object of a plan, with its place. */
export interface PlannedObject {
  readonly ref: ClusterObjectReference;
  readonly manifest: Manifest;
  /** The entry of the topology that it comes from. */
  readonly source: Path;
}

/** One field that differs. Undefined: the field is not there. */
export interface FieldChange {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * The change of one object. `replace`: an object with the same name and meaning is deleted and recreated elsewhere, in another cluster,
 * namespace or API version.
 */
export type ObjectChange =
  | { readonly action: "create"; readonly ref: ClusterObjectReference; readonly object: PlannedObject }
  | { readonly action: "delete"; readonly ref: ClusterObjectReference; readonly object: PlannedObject }
  | {
      readonly action: "change";
      readonly ref: ClusterObjectReference;
      /** As it was. */
      readonly before: PlannedObject;
      readonly object: PlannedObject;
      readonly fields: FieldChange[];
    }
  | {
      readonly action: "replace";
      readonly ref: ClusterObjectReference;
      readonly from: ClusterObjectReference;
      readonly object: PlannedObject;
    };

/** Every object of every cluster of a plan; what only a deployment knows stands in it as a placeholder. */
export function plannedObjects(plan: Plan): PlannedObject[] {
  return [...plan.clusters.keys()].flatMap((cluster) =>
    clusterManifests(plan, cluster).map(({ manifest, role, source }) => ({
      ref: referenceOf(cluster, manifest, role),
      manifest,
      source,
    })),
  );
}

/** The changes that turn the base's objects into the head's. */
export function compareObjects(base: readonly PlannedObject[], head: readonly PlannedObject[]): ObjectChange[] {
  const before = new Map(base.map((object) => [objectKey(object.ref), object]));
  const after = new Map(head.map((object) => [objectKey(object.ref), object]));
  const gone = new Map(
    base.filter(({ ref }) => !after.has(objectKey(ref))).map((object) => [identity(object), object]),
  );
  const changes: ObjectChange[] = [];
  for (const [key, object] of after) {
    const old = before.get(key);
    if (old) {
      const fields = fieldChanges(old.manifest, object.manifest);
      if (fields.length > 0) changes.push({ action: "change", ref: object.ref, before: old, object, fields });
      continue;
    }
    const moved = gone.get(identity(object));
    if (moved) {
      gone.delete(identity(object));
      before.delete(objectKey(moved.ref));
      changes.push({ action: "replace", ref: object.ref, from: moved.ref, object });
    } else {
      changes.push({ action: "create", ref: object.ref, object });
    }
  }
  for (const [key, object] of before) {
    if (!after.has(key)) changes.push({ action: "delete", ref: object.ref, object });
  }
  return changes;
}

/** Carries a list of changes out. The inverse of `compareObjects`; each object comes out under its place. */
export function applyObjectChanges(
  base: readonly PlannedObject[],
  changes: readonly ObjectChange[],
): Map<string, unknown> {
  const objects = new Map<string, unknown>(base.map(({ ref, manifest }) => [objectKey(ref), manifest]));
  for (const change of changes) {
    const key = objectKey(change.ref);
    if (change.action === "delete") objects.delete(key);
    if (change.action === "replace") objects.delete(objectKey(change.from));
    if (change.action === "create" || change.action === "replace") objects.set(key, change.object.manifest);
    if (change.action === "change") objects.set(key, change.fields.reduce(withField, objects.get(key)));
  }
  return objects;
}

/** The identity of an object, wherever it is. */
function identity({ ref, source }: PlannedObject): string {
  return [ref.kind, ref.name, ref.role, ...source].join("/");
}

/** The fields in which two values differ; a list is one value. */
export function fieldChanges(before: unknown, after: unknown, path: readonly string[] = []): FieldChange[] {
  if (before === after) return [];
  if (isMapping(before) && isMapping(after)) {
    const changes: FieldChange[] = [];
    const compare = (name: string) => {
      const [old, now] = [ownProperty(before, name), ownProperty(after, name)];
      if (old !== now) changes.push(...fieldChanges(old, now, [...path, name]));
    };
    for (const name of Object.keys(before)) compare(name);
    for (const name of Object.keys(after)) if (!Object.hasOwn(before, name)) compare(name);
    return changes;
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }];
}

function withField(object: unknown, { path: [step, ...rest], after }: Pick<FieldChange, "path" | "after">): unknown {
  if (step === undefined) return after;
  const mapping = isMapping(object) ? object : {};
  const value = withField(ownProperty(mapping, step), { path: rest, after });
  const others = Object.entries(mapping).filter(([name]) => name !== step);
  return Object.fromEntries(value === undefined ? others : [...others, [step, value]]);
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
