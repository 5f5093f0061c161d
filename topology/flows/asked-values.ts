import { parsePredicate, valuesAskedFor } from "../../dql/index.ts";
import type { Topology } from "../file/schema.ts";
import type { Path } from "../findings/finding.ts";
import { queriesOf } from "./written-queries.ts";

/** A value that a query compares a field with. */
export interface AskedValue {
  /** The path of the query. */
  readonly path: Path;
  readonly query: string;
  /** `color`, `address.city` */
  readonly field: string;
  readonly value: string | number | boolean | null;
  readonly by: string;
}

const known = new WeakMap<Topology, readonly (readonly AskedValue[])[]>();

/** The values with which the queries of a topology compare, grouped by app and collection, in the order of the file. */
export function askedByCollection(topology: Topology): readonly (readonly AskedValue[])[] {
  const before = known.get(topology);
  if (before) return before;
  const asked = new Map<string, AskedValue[]>();
  for (const [name, entry] of Object.entries(topology.replications)) {
    for (const { path: list, collection, texts } of queriesOf(entry)) {
      const of = `${entry.app}/${collection}`;
      const values = asked.get(of) ?? [];
      asked.set(of, values);
      for (const [index, query] of texts.entries()) {
        const parsed = parsePredicate(query);
        if (!parsed.ok) continue;
        const path = ["replications", name, ...list, index];
        for (const { path: field, value, by } of valuesAskedFor(parsed.expression))
          values.push({ path, query, field: field.join("."), value, by });
      }
    }
  }
  const groups = [...asked.values()];
  known.set(topology, groups);
  return groups;
}
