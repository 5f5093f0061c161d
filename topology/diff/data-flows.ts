import { deriveProbe, type Expression, evaluate, parsePredicate } from "../../dql/index.ts";
import type { DocumentFields } from "../flows/flows.ts";
import type { Plan } from "../plan/plan.ts";
import { tellingDocuments } from "./telling-documents.ts";

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
 * `turns`: some start and others stop. `rewrites`: other queries, under which no document fares differently.
 */
export type FlowEffect = "starts" | "stops" | "widens" | "narrows" | "turns" | "rewrites";

export interface FlowChange {
  readonly effect: FlowEffect;
  /** True if only sample documents were judged, beside which others may fare otherwise. */
  readonly sampled: boolean;
  /** Documents that fare differently where none of the queries' own samples does. */
  readonly witnesses: readonly DocumentFields[];
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

/** The direct data flows, by `app/collection/from/to`, without those of paused replications. Several parts of a report ask for them. */
export function dataFlows(plan: Plan): ReadonlyMap<string, DataFlow> {
  const flows = found.get(plan) ?? findFlows(plan);
  found.set(plan, flows);
  return flows;
}

function findFlows(plan: Plan): Map<string, DataFlow> {
  const flows = new Map<string, { flow: DataFlow; predicates: Set<string>; replications: Set<string> }>();
  for (const { name, app, sides, links, paused } of plan.replications.values()) {
    if (paused) continue;
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

/** The direct flows that differ, in the order of the head, then those that stop. */
export function flowChanges(base: Plan, head: Plan): FlowChange[] {
  const before = dataFlows(base);
  const after = dataFlows(head);
  const changes: FlowChange[] = [];
  for (const [key, flow] of after) {
    const old = before.get(key)?.predicates ?? [];
    const judged = judge(old, flow.predicates);
    if (judged) changes.push(change(judged, flow, old, flow.predicates));
  }
  for (const [key, flow] of before) {
    if (!after.has(key))
      changes.push(change({ effect: "stops", sampled: false, witnesses: [] }, flow, flow.predicates, []));
  }
  return changes;
}

type Judgement = Pick<FlowChange, "effect" | "sampled" | "witnesses">;

function change(
  judgement: Judgement,
  { app, collection, from, to, replications }: DataFlow,
  before: readonly string[],
  after: readonly string[],
): FlowChange {
  return { ...judgement, app, collection, from, to, before, after, replications };
}

const judgements = new Map<string, Judgement>();

function judge(before: readonly string[], after: readonly string[]): Judgement | undefined {
  const added = after.filter((query) => !before.includes(query));
  const removed = before.filter((query) => !after.includes(query));
  if (added.length + removed.length === 0) return undefined;
  if (before.length === 0) return { effect: "starts", sampled: false, witnesses: [] };
  if (after.length === 0) return { effect: "stops", sampled: false, witnesses: [] };
  // A spoke of sixty has the same change as the next one.
  const key = JSON.stringify([before, after]);
  const judgement = judgements.get(key) ?? compared(before, after, [...added, ...removed]);
  if (judgements.size >= maxRemembered) judgements.clear();
  judgements.set(key, judgement);
  return judgement;
}

/** Queries that stay, up to which each of them is looked into for documents that tell. */
const maxQueries = 16;

function compared(before: readonly string[], after: readonly string[], changed: readonly string[]): Judgement {
  const all = [...new Set([...before, ...after])];
  const parsed = all.map(expressionOf);
  const looked = (all.length <= maxQueries ? parsed : changed.map(expressionOf)).filter((each) => each !== undefined);
  const telling = tellingDocuments(looked);
  const complete = telling.complete && all.length <= maxQueries && !parsed.includes(undefined);
  const witnesses: DocumentFields[] = [];
  const seen = { more: false, less: false };
  const own = changed.flatMap(samples);
  for (const [index, document] of [...own, ...telling.documents].entries()) {
    const [was, is] = [matches(before, document), matches(after, document)];
    if (was === is || seen[is ? "more" : "less"]) continue;
    seen[is ? "more" : "less"] = true;
    if (index >= own.length) witnesses.push(document);
    if (seen.more && seen.less) return { effect: "turns", sampled: false, witnesses };
  }
  return { effect: seen.more ? "widens" : seen.less ? "narrows" : "rewrites", sampled: !complete, witnesses };
}

/** Predicates recur by the thousand in a large topology; each is parsed once. */
const parsed = new Map<string, Expression | undefined>();
const sampled = new Map<string, readonly DocumentFields[]>();
const maxRemembered = 10_000;

/** Parses a predicate; undefined where it cannot be read. */
export function expressionOf(query: string): Expression | undefined {
  if (!parsed.has(query)) {
    if (parsed.size >= maxRemembered) parsed.clear();
    const result = parsePredicate(query);
    parsed.set(query, result.ok ? result.expression : undefined);
  }
  return parsed.get(query);
}

/** True if a document is subscribed to. A predicate that this project cannot read matches nothing. */
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
  const documents = expression === undefined ? [] : samplesOf(expression);
  if (sampled.size >= maxRemembered) sampled.clear();
  sampled.set(query, documents);
  return documents;
}

/** True if it is certain that no document matches a predicate. */
export function matchesNothing(query: string): boolean {
  const expression = expressionOf(query);
  return expression !== undefined && samples(query).length === 0 && tellingDocuments([expression]).complete;
}

function samplesOf(expression: Expression): readonly DocumentFields[] {
  const derived = alternatives(expression).flatMap(sampleOf);
  if (derived.length > 0) return derived;
  return tellingDocuments([expression])
    .documents.filter((document) => evaluate(expression, document, {}))
    .slice(0, 1);
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
