import { z } from "zod";

/** A CustomResourceDefinition of a cluster, as much of it as matters here. */
export interface Definition {
  /** `<plural>.<group>`. */
  readonly name: string;
  readonly group: string;
  readonly kind: string;
  readonly versions: readonly {
    readonly name: string;
    readonly served: boolean;
    /** The openAPIV3Schema as it came; `fieldSchema` reads it. */
    readonly schema: unknown;
  }[];
}

const wire = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    group: z.string(),
    names: z.object({ kind: z.string() }),
    versions: z.array(
      z.object({
        name: z.string(),
        served: z.boolean(),
        schema: z.object({ openAPIV3Schema: z.unknown().optional() }).nullish(),
      }),
    ),
  }),
});

/** Reads the items of a list of definitions. One of another form is left out. */
export function definitionsOf(items: readonly unknown[]): Definition[] {
  return items.flatMap((item) => {
    const parsed = wire.safeParse(item);
    if (!parsed.success) return [];
    const { metadata, spec } = parsed.data;
    const versions = spec.versions.map(({ name, served, schema }) => ({
      name,
      served,
      schema: schema?.openAPIV3Schema,
    }));
    return [{ name: metadata.name, group: spec.group, kind: spec.names.kind, versions }];
  });
}
