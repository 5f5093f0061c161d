import { valueText } from "../report/words.ts";
import { masked } from "../topology/secrets/values.ts";
import type { Difference } from "./differences.ts";
import { fieldOwner } from "./field-owner.ts";

/** Longer values tell nobody more. */
const maxValue = 80;

/** Fields that differ, each with what it is and what is declared, and who wrote it last and when.
 * @param wanted the whole object as it is declared, and `actual` as it is: what is a secret is judged by what stands around it
 * @param live as it is in the cluster; undefined: what is deployed, of which nobody says who wrote it */
export function changeText(
  fields: readonly Difference[],
  kind: string,
  { wanted, actual, live }: { readonly wanted: unknown; readonly actual: unknown; readonly live: unknown },
): string {
  const [declaredCopy, actualCopy] = [masked(wanted), masked(actual)];
  return fields
    .map(({ path, actual: value }) => {
      const declared = valueAt(declaredCopy, path);
      const found = value === undefined ? undefined : valueAt(actualCopy, path);
      const isKnown = kind !== "Secret" && declared !== undefined && (value === undefined || found !== undefined);
      const values = isKnown ? ` is ${shown(found)}, declared ${shown(declared)}` : "";
      const owner = live === undefined ? undefined : fieldOwner(live, path);
      const when = owner?.time === undefined ? "" : ` at ${owner.time.toISOString().slice(0, 19)}Z`;
      return `${path}${values}${owner === undefined ? "" : ` (written by ${owner.manager}${when})`}`;
    })
    .join("; ");
}

/** Undefined where the path cannot be followed, such as for a key that has a dot in it. */
function valueAt(object: unknown, path: string): unknown {
  let value = object;
  for (const [, item, key] of path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)) {
    if (Array.isArray(value)) {
      const items: readonly unknown[] = value;
      value = items.find((each) => item !== undefined && Object(each).name === item) ?? items[Number(item)];
    } else value = Object.entries(Object(value)).find(([name]) => name === (key ?? item))?.[1];
  }
  return value;
}

function shown(value: unknown): string {
  if (value === undefined) return "not there";
  const text = valueText(value);
  return text.length <= maxValue ? text : `${text.slice(0, maxValue)}…`;
}
