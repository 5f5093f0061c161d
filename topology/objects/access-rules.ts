import type { Grant } from "./access.ts";

/** A rule as a Role has it. */
export interface AccessRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** Grants as rules by namespace (undefined: of the cluster), each as short as it can be, in an order that does not move. */
export function accessRules(grants: readonly Grant[]): Map<string | undefined, AccessRule[]> {
  const objects = Map.groupBy(grants, ({ namespace, group, resource, name }) =>
    JSON.stringify([namespace, group, resource, name]),
  );
  const merged = [...objects.values()].flatMap((same) => {
    const verbs = [...new Set(same.flatMap((each) => each.verbs))].sort();
    return same[0] ? [{ ...same[0], verbs }] : [];
  });
  const byNamespace = Map.groupBy(merged, ({ namespace }) => namespace);
  return new Map(
    [...byNamespace]
      .sort(([one], [other]) => (one ?? "").localeCompare(other ?? ""))
      .map(([namespace, rights]) => [namespace, rulesOf(rights)]),
  );
}

function rulesOf(grants: readonly Grant[]): AccessRule[] {
  const alike = Map.groupBy(grants, ({ group, resource, name, verbs }) =>
    JSON.stringify([group, resource, name === undefined, verbs]),
  );
  return [...alike]
    .sort(([one], [other]) => one.localeCompare(other))
    .flatMap(([, same]) => {
      const names = same.flatMap(({ name }) => name ?? []).sort();
      const [first] = same;
      if (!first) return [];
      return [
        {
          apiGroups: [first.group],
          resources: [first.resource],
          ...(names.length === 0 ? {} : { resourceNames: names }),
          verbs: first.verbs,
        },
      ];
    });
}
