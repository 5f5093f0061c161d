import type { Path } from "../findings/finding.ts";
import { type FillProblem, fill, hasPlaceholder, type Language, type Lookup, type Root } from "./placeholders.ts";

/** What is to be put into a value, and who hears of what cannot be. */
export interface Filling {
  readonly roots: readonly Root[];
  readonly lookup: Lookup;
  /** @param path where the text stands, in the topology as it will be */
  refuse(problem: FillProblem, path: Path, part: "key" | "value"): void;
}

/** A copy of a value with its placeholders filled. A setting that comes to nothing is left out. */
export function filled(value: unknown, path: Path, filling: Filling): unknown {
  if (typeof value === "string") return filledText(value, path, "value", languageOf(path), filling);
  if (Array.isArray(value))
    return value
      .map((each: unknown, index) => filled(each, [...path, index], filling))
      .filter((each) => each !== undefined);
  if (typeof value !== "object" || value === null) return value;
  const members = new Map<string, unknown>();
  const written: [string, unknown][] = Object.entries(value);
  for (const [key, inner] of written) {
    const name = filledText(key, [...path, key], "key", "plain", filling);
    const made = filled(inner, [...path, key], filling);
    if (name === undefined || (made === undefined && inner !== undefined)) continue;
    if (members.has(String(name))) {
      const what = `two keys here become "${name}"`;
      filling.refuse({ kind: "unsafe", what, fix: "use values that differ" }, [...path, key], "key");
    }
    members.set(String(name), made);
  }
  return Object.fromEntries(members);
}

/** A text with its placeholders filled; undefined where it comes to nothing, or cannot be filled. */
export function filledText(
  text: string,
  path: Path,
  part: "key" | "value",
  language: Language,
  { roots, lookup, refuse }: Filling,
): unknown {
  if (!hasPlaceholder(text, roots)) return text;
  const result = fill(text, roots, language, lookup);
  if (!("problem" in result)) {
    if (part === "value" || result.value !== "__proto__") return result.value;
    const what = '"__proto__" is a name that cannot be used';
    refuse({ kind: "unsafe", what, fix: "give it another name" }, path, part);
    return undefined;
  }
  refuse(result.problem, path, part);
  return undefined;
}

/** The language of the texts at a path of a topology. */
function languageOf(path: Path): Language {
  const [section, , key] = path;
  if (section === "replications" && queryKeys.has(String(key))) return "dql";
  if (path.includes("permissions") && path.includes("auth")) return "dql";
  return path.some((step) => step === "host" || step === "address") ? "host" : "plain";
}

const queryKeys: ReadonlySet<string> = new Set(["queries", "up", "down", "perSpoke"]);
