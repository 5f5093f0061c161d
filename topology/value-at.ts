/** The value at a path; undefined where there is none. What every object inherits is not there. */
export function valueAt(object: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    return Reflect.get(value, step);
  }, object);
}

/** The value at a dotted path, such as `spec.replicas`; undefined where there is none. */
export function fieldAt(object: unknown, path: string): unknown {
  return valueAt(object, path.split("."));
}
