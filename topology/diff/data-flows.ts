import { deriveProbe, type Expression, evaluate, parsePredicate } from "../../dql/index.ts";
import type { DocumentFields } from "../flows.ts";
import type { Plan } from "../plan.ts";

/** Documents that one peer pulls from another directly, over one replication or several. */
export interface DataFlow {
  readonly app: string;
  readonly collection: string;
  readonly from: string;
  readonly to: string;
  /** Any of them matching is enough. */
  readonly predicates: readonly string[];
  /** Names of the replications that carry it. */
  readonly replications: readonly string[];
}

/**
 * `starts` and `stops`: nothing of the collection flowed before, or does after. `widens` and `narrows`: more or fewer documents.
 * `turns`: some start and others stop. `rewrites`: other queries, under which no sample document fares differently.
 */
export type FlowEffect = "starts" | "stops" | "widens" | "narrows" | "turns" | "rewrites";

export interface FlowChange {
  readonly effect: FlowEffect;
  readonly app: string;
  readonly collection: string;
  readonly from: string;
  readonly to: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** The replications that carry it, after the change, or before where it stops. */
  readonly replications: readonly string[];
}

const found = new WeakMap<Plan, ReadonlyMap<string, DataFlow>>();

/** Where data flows directly, by `app/collection/from/to`. Several parts of a report ask for it. */
export function dataFlows(plan: Plan): ReadonlyMap<string, DataFlow> {
  const flows = found.get(plan) ?? findFlows(plan);
  found.set(plan, flows);
  return flows;
}

function findFlows(plan: Plan): Map<string, DataFlow> {
  const flows = new Map<string, { flow: DataFlow; predicates: Set<string>; replications: Set<string> }>();
  for (const { name, app, sides, links } of plan.replications.values()) {
    const subscribes = new Map(sides.map((side) => [side.peer, Object.entries(side.subscribes)]));
    for (const { initiator, target } of links) {
      for (const [from, to] of [
        [initiator, target],
        [target, initiator],
      ] as const) {
        for (const [collection, queries] of subscribes.get(to) ?? []) {
          const key = [app, collection, from, to].join("/");
          const known = flows.get(key);
          const predicates = known?.predicates ?? new Set<string>();
          const replications = known?.replications ?? new Set<string>();
          for (const query of queries) predicates.add(query);
          replications.add(name);
          if (!known) {
            const flow = { app, collection, from, to, predicates: [], replications: [] };
            flows.set(key, { flow, predicates, replications });
          }
        }
      }
    }
  }
  return new Map(
    [...flows].map(([key, { flow, predicates, replications }]) => [
      key,
      { ...flow, predicates: [...predicates], replications: [...replications] },
    ]),
  );
}

/** Which direct flows differ, in the order of the head, then what stops. */
export function flowChanges(base: Plan, head: Plan): FlowChange[] {
  const before = dataFlows(base);
  const after = dataFlows(head);
  const changes: FlowChange[] = [];
  for (const [key, flow] of after) {
    const old = before.get(key)?.predicates ?? [];
    const effect = effectOf(old, flow.predicates);
    if (effect) changes.push(change(effect, flow, old, flow.predicates));
  }
  for (const [key, flow] of before) {
    if (!after.has(key)) changes.push(change("stops", flow, flow.predicates, []));
  }
  return changes;
}

function change(
  effect: FlowEffect,
  { app, collection, from, to, replications }: DataFlow,
  before: readonly string[],
  after: readonly string[],
): FlowChange {
  return { effect, app, collection, from, to, before, after, replications };
}

function effectOf(before: readonly string[], after: readonly string[]): FlowEffect | undefined {
  const added = after.filter((query) => !before.includes(query));
  const removed = before.filter((query) => !after.includes(query));
  if (added.length + removed.length === 0) return undefined;
  if (before.length === 0) return "starts";
  if (after.length === 0) return "stops";
  const more = added.some((query) => samples(query).some((document) => !matches(before, document)));
  const less = removed.some((query) => samples(query).some((document) => !matches(after, document)));
  if (more && less) return "turns";
  return more ? "widens" : less ? "narrows" : "rewrites";
}

/** Predicates recur by the thousand in a large topology; each is parsed once. */
const parsed = new Map<string, Expression | undefined>();
const sampled = new Map<string, readonly DocumentFields[]>();
const maxRemembered = 10_000;

/** What a predicate says; undefined where it cannot be read. */
export function expressionOf(query: string): Expression | undefined {
  if (!parsed.has(query)) {
    if (parsed.size >= maxRemembered) parsed.clear();
    const result = parsePredicate(query);
    parsed.set(query, result.ok ? result.expression : undefined);
  }
  return parsed.get(query);
}

/** Whether a document is subscribed to. A predicate that this project cannot read matches nothing. */
export function matches(queries: readonly string[], document: DocumentFields): boolean {
  return queries.some((query) => {
    const expression = expressionOf(query);
    return expression !== undefined && evaluate(expression, document, {});
  });
}

/** Documents that a predicate matches: one for each alternative of an OR or an IN, none where it cannot be read. */
export function samples(query: string): readonly DocumentFields[] {
  const known = sampled.get(query);
  if (known) return known;
  const expression = expressionOf(query);
  const documents = expression === undefined ? [] : alternatives(expression).flatMap(sampleOf);
  if (sampled.size >= maxRemembered) sampled.clear();
  sampled.set(query, documents);
  return documents;
}

function sampleOf(expression: Expression): DocumentFields[] {
  const probe = deriveProbe(expression);
  return probe.ok ? [probe.fields] : [];
}

const maxAlternatives = 32;

function alternatives(expression: Expression): Expression[] {
  if (expression.kind === "logical" && expression.operator === "OR")
    return expression.operands.flatMap(alternatives).slice(0, maxAlternatives);
  if (expression.kind === "logical") {
    const combined = expression.operands.reduce<Expression[][]>(
      (all, operand) =>
        all.flatMap((one) => alternatives(operand).map((other) => [...one, other])).slice(0, maxAlternatives),
      [[]],
    );
    return combined.map((operands) => ({ ...expression, operands }));
  }
  if (expression.kind === "in" && !expression.negated)
    return expression.values.slice(0, maxAlternatives).map((value) => ({ ...expression, values: [value] }));
  return [expression];
}
