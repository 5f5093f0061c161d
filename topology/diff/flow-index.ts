import { conjunctsOf, type Expression } from "../../dql/index.ts";
import type { DocumentFields } from "../flows/flows.ts";
import { type DataFlow, expressionOf } from "./data-flows.ts";

/** Flows by what a document must hold to be in them, so that a document of one shop is not put to the queries of a thousand others. */
export interface FlowIndex {
  /** Every flow that may carry the document, and few that do not. */
  candidates(document: DocumentFields): readonly DataFlow[];
}

export function indexFlows(flows: readonly DataFlow[]): FlowIndex {
  const frequency = new Map<string, number>();
  const requirements = new Map(
    [...new Set(flows.flatMap(({ predicates }) => predicates))].map((query) => [query, requirementsOf(query)] as const),
  );
  for (const { predicates } of flows)
    for (const query of predicates)
      for (const key of requirements.get(query)?.flat() ?? []) frequency.set(key, (frequency.get(key) ?? 0) + 1);
  const rarest = new Map([...requirements].map(([query, found]) => [query, rarestOf(found, frequency)]));
  const keyed = new Map<string, DataFlow[]>();
  const others: DataFlow[] = [];
  for (const flow of flows) {
    const keys = flow.predicates.map((query) => rarest.get(query));
    if (keys.some((found) => found === undefined)) {
      others.push(flow);
      continue;
    }
    for (const key of new Set(keys.flatMap((found) => found ?? []))) {
      const known = keyed.get(key);
      if (known) known.push(flow);
      else keyed.set(key, [flow]);
    }
  }
  return {
    candidates: (document) => [...new Set([...others, ...keysOf(document).flatMap((key) => keyed.get(key) ?? [])])],
  };
}

/** One of them has to be in a document that a predicate matches. */
type Alternatives = readonly string[];

/** The requirements of a predicate, for each field that has one; empty where the predicate cannot be read. */
function requirementsOf(query: string): Alternatives[] {
  const expression = expressionOf(query);
  return expression === undefined ? [] : conjunctsOf(expression).flatMap(requirementOf);
}

function requirementOf(expression: Expression): Alternatives[] {
  if (expression.kind === "comparison" && /^==?$/.test(expression.operator)) {
    const { left, right } = expression;
    const key = keyOf(left, right) ?? keyOf(right, left);
    return key === undefined ? [] : [[key]];
  }
  if (expression.kind !== "in" || expression.negated) return [];
  const keys = expression.values.flatMap((value) => keyOf(expression.left, value) ?? []);
  return keys.length === expression.values.length ? [keys] : [];
}

function keyOf(field: Expression, literal: Expression): string | undefined {
  if (field.kind !== "field" || literal.kind !== "literal" || literal.value === null) return undefined;
  return JSON.stringify([field.path, literal.value]);
}

function keysOf(fields: object, path: readonly string[] = []): string[] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
    const at = [...path, name];
    return typeof value === "object" && value !== null ? keysOf(value, at) : [JSON.stringify([at, value])];
  });
}

function rarestOf(found: readonly Alternatives[], frequency: ReadonlyMap<string, number>): Alternatives | undefined {
  const flows = (keys: Alternatives) => keys.reduce((sum, key) => sum + (frequency.get(key) ?? 0), 0);
  return [...found].sort((a, b) => flows(a) - flows(b))[0];
}
