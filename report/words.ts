/** The words that all reports share. */

/** `1 peer`, `2 peers`, `2 losses`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : noun.endsWith("s") ? "es" : "s"}`;
}

const maxNames = 6;

/** Some of many by name, and how many more there are. */
export function names(all: readonly string[]): string {
  if (all.length <= maxNames) return all.join(", ");
  return `${all.slice(0, maxNames - 1).join(", ")} and ${all.length - maxNames + 1} more`;
}

/** The words for an action on a patch, which adds our fields to an object that stays when they go. */
export const patchWords = {
  create: "add fields to",
  change: "change our fields of",
  update: "change our fields of",
  replace: "set our fields of",
  delete: "remove our fields from",
};

/** A value as YAML writes short ones; `-` for one that is not there. */
export function valueText(value: unknown): string {
  return value === undefined ? "-" : typeof value === "string" ? value : JSON.stringify(value);
}
