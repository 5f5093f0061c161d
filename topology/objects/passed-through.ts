/** True if a `spec` of the topology passes a field through. @param field its path in the object, such as `spec.store.mrf` */
export function passesThrough(spec: Readonly<Record<string, unknown>> | undefined, field: string): boolean {
  return has({ spec }, field.split("."));
}

function has(value: unknown, steps: readonly string[]): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return value !== undefined;
  return (
    typeof value === "object" && value !== null && Object.hasOwn(value, step) && has(Reflect.get(value, step), rest)
  );
}
