/** Members of an object's `spec` by the contract's dotted paths, such as `spec.store.replicas`. */
type Spec = Readonly<Record<string, unknown>>;

/** @param path a field of the contract, which begins with `spec.` */
export function valueAtField(spec: Spec, path: string): unknown {
  return path
    .split(".")
    .slice(1)
    .reduce<unknown>((value, step) => (isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined), spec);
}

/** The same without some fields, and without the objects that are empty then. */
export function withoutFields(spec: Spec, paths: readonly string[]): Spec {
  return paths.reduce((rest, path) => without(rest, path.split(".").slice(1)), spec);
}

function without(object: Spec, [step, ...rest]: readonly string[]): Spec {
  if (step === undefined || !Object.hasOwn(object, step)) return object;
  const { [step]: value, ...others } = object;
  if (rest.length === 0) return others;
  if (!isObject(value)) return object;
  const inner = without(value, rest);
  return Object.keys(inner).length === 0 ? others : { ...others, [step]: inner };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
