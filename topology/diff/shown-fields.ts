import { mask } from "../secrets/texts.ts";
import { masked, type Scope } from "../secrets/values.ts";
import { type FieldChange, fieldChanges } from "./object-changes.ts";
import type { DiffField } from "./schema.ts";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * The differences of two values as a report shows them, secrets masked: a report goes into comments that everybody reads. `scope` says
 * how names in them are judged.
 */
export function shownChanges(before: unknown, after: unknown, scope?: Scope): DiffField[] {
  return shownFields(fieldChanges(before, after), before, after, scope);
}

/** Differences that are known, of the two values that have them: what stands beside a field may say that it is a secret. */
export function shownFields(
  changes: readonly FieldChange[],
  before: unknown,
  after: unknown,
  scope?: Scope,
): DiffField[] {
  if (changes.length === 0) return [];
  const [old, now] = [before, after].map((value) => masked(value, scope));
  return changes.map((change) => ({
    path: change.path.map((step) => (step.includes(".") ? `"${step}"` : step)).join("."),
    ...(change.before === undefined ? {} : { before: jsonOf(maskedAt(old, change.path)) }),
    ...(change.after === undefined ? {} : { after: jsonOf(maskedAt(now, change.path)) }),
  }));
}

/** A value around which all is masked has no members any more. */
function maskedAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, step) ? Reflect.get(inner, step) : mask,
    value,
  );
}

function jsonOf(value: unknown): Json {
  if (Array.isArray(value)) return value.map((item: unknown) => jsonOf(item));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return Object.fromEntries(entries.map(([key, inner]) => [key, jsonOf(inner)]));
  }
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}
