import { type FieldChange, fieldChanges } from "./object-changes.ts";
import type { DiffField } from "./schema.ts";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A report goes into comments that everybody reads; what is named like this is never in it. */
const secretName = /token|passwo?r?d|passphrase|secretkey|privatekey|api-?key|credential/i;
const mask = "(secret)";

/** The differences of two values as a report shows them, secrets masked. */
export function shownChanges(before: unknown, after: unknown): DiffField[] {
  return fieldChanges(before, after).map(shownChange);
}

export function shownChange({ path, before, after }: FieldChange): DiffField {
  const secret = path.some((step) => secretName.test(step));
  return {
    path: path.map((step) => (step.includes(".") ? `"${step}"` : step)).join("."),
    ...(before === undefined ? {} : { before: jsonOf(before, secret) }),
    ...(after === undefined ? {} : { after: jsonOf(after, secret) }),
  };
}

function jsonOf(value: unknown, secret: boolean): Json {
  if (Array.isArray(value)) return value.map((item: unknown) => jsonOf(item, secret));
  if (typeof value === "object" && value !== null) {
    // An environment variable says in `name` what it holds in `value`.
    const named = "name" in value && secretName.test(String(value.name));
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return Object.fromEntries(
      entries.map(([key, inner]) => [key, jsonOf(inner, secret || secretName.test(key) || (named && key === "value"))]),
    );
  }
  if (secret) return mask;
  if (typeof value === "string") return value.replace(/(:\/\/)[^/@\s]+@/g, `$1${mask}@`);
  if (typeof value === "number" || typeof value === "boolean") return value;
  return null;
}
