import type { Path } from "../findings/finding.ts";
import { ownNamesOnly } from "./own-names.ts";
import { type Topology, topologySchema } from "./schema.ts";

/** The part of a topology that can be judged although the schema refuses the whole. */
export interface Partial {
  readonly topology: Topology;
  /** The entries (`peers.bp1`) from which something was left out, so that nothing more can be said about them. */
  readonly incomplete: readonly Path[];
}

const maxRounds = 8;

/**
 * Leaves out what the schema refuses, so that the rules can judge the rest and all findings come at once. Undefined
 * where a whole entry or a way of exposing targets would have to go: everything that refers to it would look wrong,
 * too.
 */
export function withoutRefused(value: unknown): Partial | undefined {
  const rest = structuredClone(value);
  const incomplete = new Map<string, Path>();
  for (let round = 0; round < maxRounds; round++) {
    const result = topologySchema.safeParse(rest);
    if (result.success) return { topology: ownNamesOnly(result.data), incomplete: [...incomplete.values()] };
    for (const issue of result.error.issues) {
      const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
      const refused = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
      for (const each of refused) {
        const known = removeNearest(rest, each);
        const entry = each.slice(0, 2);
        if (known === undefined || isReferredTo(known, issue.code)) return undefined;
        incomplete.set(JSON.stringify(entry), entry);
      }
    }
  }
  return undefined;
}

/**
 * True if others refer to what was removed: an entry, or a way of exposing targets. Nothing refers to a key that does
 * not belong in its place.
 */
function isReferredTo(removed: Path, code: string | undefined): boolean {
  if (code === "unrecognized_keys") return false;
  const [section, , key] = removed;
  return removed.length < 3 || (section === "clusters" && (key === "exposure" || key === "exposures"));
}

/** Removes the value at a path, or the nearest value above it that exists. Returns the path of what was removed. */
function removeNearest(root: unknown, path: Path): Path | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent = path.slice(0, length - 1).reduce<unknown>(step, root);
    const key = String(path[length - 1]);
    if (typeof parent !== "object" || parent === null || !Object.hasOwn(parent, key)) continue;
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else Reflect.deleteProperty(parent, key);
    return path.slice(0, length);
  }
  return undefined;
}

function step(value: unknown, key: string | number): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
