import { type Item, line, type Mark } from "../../report/sections.ts";
import { valueText } from "../../report/words.ts";
import type { DiffField } from "./schema.ts";

/** Values as YAML writes short ones; `-` for a field that is not there. Of lists, what comes and what goes. */
export function fieldLines(mark: Mark, { path, before, after }: DiffField): Item["lines"] {
  const indent = mark === " " ? "  " : "";
  if (Array.isArray(before) && Array.isArray(after)) {
    const [old, now] = [before.map(valueText), after.map(valueText)];
    const added = now.filter((element) => !old.includes(element));
    const removed = old.filter((element) => !now.includes(element));
    const rest = added.length + removed.length === 0 ? ": different order" : "";
    return [
      line(mark, `${indent}${path}${rest}`),
      ...removed.map((element) => line("-", `${indent}  ${element}`)),
      ...added.map((element) => line("+", `${indent}  ${element}`)),
    ];
  }
  return [line(mark, `${indent}${path}: ${valueText(before)} -> ${valueText(after)}`)];
}
