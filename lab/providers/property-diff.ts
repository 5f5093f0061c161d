import { isBag, type PropertyBag, type PropertyValue } from "./property-values.ts";

export interface PropertyChange {
  /** As the engine writes property paths: `spec.ports[0]["a.b"]`. */
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
}

/** What differs between two bags, leaf by leaf. */
export function propertyChanges(before: PropertyBag, after: PropertyBag): PropertyChange[] {
  return bagChanges(before, after, "");
}

function bagChanges(before: PropertyBag, after: PropertyBag, prefix: string): PropertyChange[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    const step = /^[A-Za-z_]\w*$/.test(key) ? `${prefix === "" ? "" : "."}${key}` : `[${JSON.stringify(key)}]`;
    return valueChanges(before[key], after[key], `${prefix}${step}`);
  });
}

function valueChanges(
  before: PropertyValue | undefined,
  after: PropertyValue | undefined,
  path: string,
): PropertyChange[] {
  if (before === undefined) return after === undefined ? [] : [{ path, kind: "add" }];
  if (after === undefined) return [{ path, kind: "delete" }];
  if (isBag(before) && isBag(after)) return bagChanges(before, after, path);
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) =>
      valueChanges(before[index], after[index], `${path}[${index}]`),
    ).flat();
  }
  return before === after ? [] : [{ path, kind: "update" }];
}
