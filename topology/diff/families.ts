import { names } from "../../report/words.ts";
import type { FlowGroup } from "./flow-items.ts";

/** So many of a kind are told as one: two are as short by themselves. */
const smallestFamily = 3;

/** A text without the texts that its queries compare with: what the sites of a family have in common. */
function withoutValues(text: string): string {
  return text.replace(/'(?:[^'\\]|''|\\.)*'/g, "'…'");
}

/** Joins what differs in nothing but the values of sites. What is alone stays alone. */
export function inFamilies<T>(all: readonly T[], text: (one: T) => string): T[][] {
  const families = Map.groupBy(all, (one) => withoutValues(text(one)));
  return [...families.values()].flatMap((family) =>
    family.length < smallestFamily ? family.map((one) => [one]) : [family],
  );
}

/** One of a family of flows, which stands for all of them, and whose values it shows. */
export interface FlowFamily extends FlowGroup {
  /** The receivers whose values are shown; undefined where the values are those of all. */
  readonly shownOf?: string | undefined;
}

/** Flows that differ by their ends and by the values of their sites are one. */
export function flowFamilies(groups: readonly FlowGroup[]): FlowFamily[] {
  const text = ({ effect, sampled, overOthers, app, collection, before, after }: FlowGroup) =>
    JSON.stringify([effect, sampled, overOthers, app, collection, before, after]);
  return inFamilies(groups, text).flatMap((family): FlowFamily[] => {
    const [first] = family;
    if (!first) return [];
    if (family.length === 1) return [first];
    const differ = new Set(family.map(text)).size > 1;
    return [
      {
        ...first,
        from: [...new Set(family.flatMap(({ from }) => from))],
        to: [...new Set(family.flatMap(({ to }) => to))],
        shownOf: differ ? names(first.to) : undefined,
      },
    ];
  });
}

/** The addition where one of a family stands for all. */
export function valuesOf(shown: string | undefined): string {
  return shown === undefined ? "" : ` (each by values of its own; these are of ${shown})`;
}
