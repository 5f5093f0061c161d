import type { WatchedObject } from "../operator/object-cache.ts";
import type { LabelSelector, NamespaceChoice } from "./objects.ts";

/** True if a choice of namespaces holds one. @param own where the object lies that chooses */
export function chooses(
  { from, selector }: NamespaceChoice,
  own: string,
  namespace: string,
  all: readonly WatchedObject[],
): boolean {
  switch (from) {
    case "All":
      return true;
    case "Same":
      return own === namespace;
    case "Selector": {
      const labels = all.find(({ metadata }) => metadata.name === namespace)?.metadata.labels;
      return labels !== undefined && selector !== undefined && matches(selector, labels);
    }
    default:
      return false;
  }
}

function matches({ matchLabels, matchExpressions }: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  if (!Object.entries(matchLabels).every(([key, value]) => labels[key] === value)) return false;
  return matchExpressions.every(({ key, operator, values }) => {
    const value = labels[key];
    switch (operator) {
      case "In":
        return value !== undefined && values.includes(value);
      case "NotIn":
        return value === undefined || !values.includes(value);
      case "Exists":
        return value !== undefined;
      case "DoesNotExist":
        return value === undefined;
      default:
        return false;
    }
  });
}
