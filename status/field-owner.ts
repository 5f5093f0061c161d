import { z } from "zod";

/** Who wrote a field last. */
export interface FieldOwner {
  /** The name under which it writes, such as `kubectl-edit` or `pulumi-kubernetes-1f2e3d4c`. */
  readonly manager: string;
  readonly time: Date | undefined;
}

const managed = z.object({
  metadata: z.object({
    managedFields: z.array(
      z.object({
        manager: z.string(),
        time: z.coerce.date().optional(),
        fieldsV1: z.record(z.string(), z.unknown()).default({}),
      }),
    ),
  }),
});

/**
 * Who owns a field of a live object, by its `managedFields` (Kubernetes API conventions, server-side apply). Of several, the one that has
 * written last.
 * @param path as `differingFields` gives it
 */
export function fieldOwner(object: unknown, path: string): FieldOwner | undefined {
  const parsed = managed.safeParse(object);
  if (!parsed.success) return undefined;
  const steps = stepsOf(path);
  const owners = parsed.data.metadata.managedFields.flatMap(({ manager, time, fieldsV1 }) => {
    const depth = depthOf(fieldsV1, steps);
    return depth === 0 ? [] : [{ manager, time, depth }];
  });
  const deepest = Math.max(...owners.map(({ depth }) => depth));
  const [owner] = owners
    .filter(({ depth }) => depth === deepest)
    .sort((a, b) => (b.time?.getTime() ?? 0) - (a.time?.getTime() ?? 0));
  return owner && { manager: owner.manager, time: owner.time };
}

type Step = { readonly field: string } | { readonly item: string };

/** `spec.ports[x].port` in steps. */
function stepsOf(path: string): Step[] {
  return [...path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map(([, item, field = ""]) =>
    item === undefined ? { field } : { item },
  );
}

/** How many steps lead to a field that is owned; 0 where none is. An atomic list is owned as a whole, and ends the way. */
function depthOf(tree: Readonly<Record<string, unknown>>, steps: readonly Step[]): number {
  const [step, ...rest] = steps;
  if (step === undefined) return 0;
  const child = Object.entries(tree).find(([key]) => matches(key, step))?.[1];
  if (typeof child !== "object" || child === null) return 0;
  const members = Object.fromEntries(Object.entries(child));
  if (Object.keys(members).length === 0) return 1;
  const deeper = depthOf(members, rest);
  // Owned further down, but not on this way: not this field, unless the way ends here.
  return deeper > 0 ? deeper + 1 : rest.length === 0 ? 1 : 0;
}

function matches(key: string, step: Step): boolean {
  if ("field" in step) return key === `f:${step.field}`;
  if (!key.startsWith("k:")) return false;
  const parsed = z.looseObject({ name: z.unknown() }).safeParse(jsonOf(key.slice(2)));
  return parsed.success && parsed.data.name === step.item;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
