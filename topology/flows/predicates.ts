import { parsePredicate, relate } from "../../dql/index.ts";
import type { Topology } from "../file/schema.ts";
import type { Path } from "../findings/finding.ts";
import { queriesOf } from "./written-queries.ts";

/** A query as the file has it. */
export interface WrittenPredicate {
  readonly path: Path;
  readonly text: string;
  readonly parsed: ReturnType<typeof parsePredicate>;
}

const known = new WeakMap<Topology, readonly WrittenPredicate[]>();

/** Every query of every replication, in the order of the file. Parsed once, however many rules ask. */
export function predicatesOf(topology: Topology): readonly WrittenPredicate[] {
  const before = known.get(topology);
  if (before) return before;
  const predicates = Object.entries(topology.replications).flatMap(([name, entry]) =>
    [...queriesOf(entry)].flatMap(({ path, texts }) =>
      texts.map((text, index) => ({
        path: ["replications", name, ...path, index],
        text,
        parsed: parsePredicate(text),
      })),
    ),
  );
  known.set(topology, predicates);
  return predicates;
}

/** Rules compare each of a list with each of another; of longer lists than people write only sameness is looked for. */
export const maxCompared = 100;

/** True if every document that matches a predicate matches one of the others, too, as far as their form shows. */
export function isCoveredBy(text: string, others: readonly string[]): boolean {
  if (others.includes(text)) return true;
  if (others.length > maxCompared) return false;
  const one = parsePredicate(text);
  return others.some((each) => {
    const other = parsePredicate(each);
    return one.ok && other.ok && relate(one.expression, other.expression) === "implies";
  });
}
