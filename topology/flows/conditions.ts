import {
  conditionsOf,
  type Expression,
  excludes,
  isNull,
  joinedBy,
  operandsOf,
  type Range,
  rangeOf,
  samePath,
  verdictOf,
} from "../../dql/index.ts";

/** The reasons why a condition of a query holds for no document, or for every one. Each has its own rule, so none is reported twice. */
export type ConditionFault = "empty-list" | "with-null" | "quoted-field" | "never-true";

const faults = new WeakMap<Expression, ConditionFault | "none">();

/**
 * The fault that a condition has by its form alone; undefined where its result depends on the document. Many rules ask, so it is
 * remembered.
 */
export function faultOf(condition: Expression): ConditionFault | undefined {
  const known = faults.get(condition) ?? findFault(condition) ?? "none";
  faults.set(condition, known);
  return known === "none" ? undefined : known;
}

function findFault(condition: Expression): ConditionFault | undefined {
  if (condition.kind === "in" && condition.values.length === 0) return "empty-list";
  const operands = operandsOf(condition);
  const compares = condition.kind === "comparison" || condition.kind === "like" || condition.kind === "in";
  if (compares && operands.some(isNull)) return "with-null";
  if ((compares || condition.kind === "is") && operands.every(isConstant) && quotedFieldIn(condition) !== undefined)
    return "quoted-field";
  return verdictOf(condition) === "never" ? "never-true" : undefined;
}

/** The conditions of a query that have a certain fault. */
export function* conditionsWith(fault: ConditionFault, expression: Expression): Iterable<Expression> {
  for (const condition of conditionsOf(expression)) if (faultOf(condition) === fault) yield condition;
}

/** The conditions of a query that have any fault. */
export function faultyConditions(expression: Expression): readonly Expression[] {
  return conditionsOf(expression).filter((condition) => faultOf(condition) !== undefined);
}

/** True if a query has a condition that a rule of its own tells of. */
export function hasFault(expression: Expression): boolean {
  return faultyConditions(expression).length > 0;
}

/** The first text of a condition that reads like the name of a field: `color`, `address.city`. */
export function quotedFieldIn(condition: Expression): string | undefined {
  return operandsOf(condition)
    .flatMap(textsOf)
    .find((text) => /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(text));
}

/** True if no document has a say in an operand. */
function isConstant(operand: Expression): boolean {
  return operand.kind === "literal" || (operand.kind === "call" && operand.arguments.every(isConstant));
}

function textsOf(operand: Expression): string[] {
  if (operand.kind === "literal") return typeof operand.value === "string" ? [operand.value] : [];
  return operand.kind === "call" ? operand.arguments.flatMap(textsOf) : [];
}

/** Two conditions that are both asked for and leave no document. */
export interface Contradiction {
  readonly one: Expression;
  readonly other: Expression;
  /** The two bounds, where they are a lower and an upper one of one type, for one field. */
  readonly bounds: { readonly lower: Range; readonly upper: Range } | undefined;
}

/** Longer lists of conditions than people write are not compared pair by pair. */
const maxCompared = 50;

const contradictions = new WeakMap<Expression, readonly Contradiction[]>();

/** Each condition of a query with the first before it that it contradicts. What no document can meet by itself is left out. */
export function contradictionsIn(expression: Expression): readonly Contradiction[] {
  const known = contradictions.get(expression) ?? [...findContradictions(expression)];
  contradictions.set(expression, known);
  return known;
}

function* findContradictions(expression: Expression): Iterable<Contradiction> {
  for (const operands of joinedBy("AND", expression)) {
    const conditions = operands.filter((each) => !hasFault(each)).slice(0, maxCompared);
    for (const [index, other] of conditions.entries()) {
      const one = conditions.slice(0, index).find((each) => excludes(each, other));
      if (one) yield { one, other, bounds: boundsOf(one, other) };
    }
  }
}

function boundsOf(one: Expression, other: Expression): Contradiction["bounds"] {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  if (!a || !b || !samePath(a.path, b.path) || typeOf(a) !== typeOf(b)) return undefined;
  return a.operator.startsWith(">") ? { lower: a, upper: b } : { lower: b, upper: a };
}

function typeOf({ value }: Range): string {
  return value.kind === "literal" ? typeof value.value : value.kind;
}
