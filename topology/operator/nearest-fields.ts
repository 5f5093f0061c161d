import { editDistance } from "../findings/suggest.ts";
import { describeType, type FieldSchema, misfits, namedFields } from "./field-schema.ts";

const shown = 3;
/** A similarity from 0 to 1. Below it, two names are unrelated. */
const alike = 0.4;

/** The fields of a schema that a lost field may have become, as text with their types: those that would take its value first. */
export function nearestFields(
  schema: FieldSchema,
  lost: { readonly path: readonly string[]; readonly value: unknown },
  taken: ReadonlySet<string> = new Set(),
): string[] {
  const candidates = namedFields(schema)
    .filter(({ path }) => !ofEveryObject.has(path[0] ?? "") && !taken.has(path.join(".")))
    .map(({ path, schema: field }) => ({
      path,
      field,
      likeness: likeness(lost.path, path),
      fits: field.type !== undefined && misfits(field, lost.value, true).length === 0,
    }))
    .sort((a, b) => b.likeness - a.likeness);
  // Many fields take a text or a number; only a value with a shape of its own tells a field by its type alone.
  const telling = typeof lost.value === "object" && lost.value !== null && Object.keys(lost.value).length > 0;
  const byType = candidates.filter(({ fits, likeness }) => fits && (telling || likeness >= alike));
  const byName = candidates.filter(({ fits, likeness }) => !fits && likeness >= alike);
  return [...byType, ...byName].slice(0, shown).map(({ path, field }) => `${path.join(".")} (${describeType(field)})`);
}

const ofEveryObject: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata", "status"]);

/** 0 to 1, of the last step by far the most, of what it stands in a little. */
function likeness(a: readonly string[], b: readonly string[]): number {
  const [nameA = "", nameB = ""] = [a.at(-1), b.at(-1)];
  const [wordsA, wordsB] = [words(nameA), words(nameB)];
  const shared = wordsA.filter((word) => wordsB.includes(word)).length;
  // `version` that became `bigPeerVersion` has all its words still.
  const common = Math.max(
    shared / Math.max(wordsA.length, wordsB.length, 1),
    (0.9 * shared) / Math.max(1, Math.min(wordsA.length, wordsB.length)),
  );
  const letters = 1 - editDistance(nameA.toLowerCase(), nameB.toLowerCase()) / Math.max(nameA.length, nameB.length, 1);
  const [aroundA, aroundB] = [a.slice(0, -1), b.slice(0, -1)];
  const around =
    aroundA.filter((step, index) => step === aroundB[index]).length / Math.max(aroundA.length, aroundB.length, 1);
  return 0.8 * Math.max(common, letters) + 0.2 * around;
}

/** `trustedCASecrets` -> trusted, ca, secret. */
function words(name: string): string[] {
  const parts = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];
  return parts.map((word) => word.toLowerCase().replace(/s$/, ""));
}
