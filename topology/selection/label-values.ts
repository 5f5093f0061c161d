import type { Labels } from "../expand/schema.ts";

/** The labels that any of several has: key -> values, as text. */
export function valuesOf(all: readonly Labels[]): ReadonlyMap<string, ReadonlySet<string>> {
  const values = new Map<string, Set<string>>();
  for (const labels of all)
    for (const [key, value] of Object.entries(labels)) {
      const known = values.get(key) ?? new Set();
      values.set(key, known.add(String(value)));
    }
  return values;
}
