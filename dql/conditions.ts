import type { ComparisonOperator, Expression } from "./ast.ts";

const opposite: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  "=": "!=",
  "==": "!=",
  "!=": "=",
  "<>": "=",
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
};

/**
 * The same predicate with every NOT moved into its conditions, and what is joined alike joined once (negation normal form). It
 * holds for the same documents: where a condition is neither true nor false, its opposite is neither, too.
 */
export function withoutNegation(expression: Expression, negated = false): Expression {
  switch (expression.kind) {
    case "not":
      return withoutNegation(expression.operand, !negated);
    case "logical": {
      const operator = negated ? (expression.operator === "AND" ? "OR" : "AND") : expression.operator;
      const operands = expression.operands
        .map((operand) => withoutNegation(operand, negated))
        .flatMap((each) => (each.kind === "logical" && each.operator === operator ? each.operands : [each]));
      return { kind: "logical", operator, operands };
    }
    default:
      return negated ? negation(expression) : expression;
  }
}

function negation(condition: Expression): Expression {
  switch (condition.kind) {
    case "literal":
      return typeof condition.value === "boolean" ? { ...condition, value: !condition.value } : condition;
    case "comparison":
      return { ...condition, operator: opposite[condition.operator] };
    case "like":
    case "in":
    case "is":
      return { ...condition, negated: !condition.negated };
    default:
      return { kind: "not", operand: condition };
  }
}

const conditions = new WeakMap<Expression, readonly Expression[]>();

/** The single conditions of a predicate, however they are joined, with NOT moved into each. Many rules ask, so it is remembered. */
export function conditionsOf(expression: Expression): readonly Expression[] {
  const known = conditions.get(expression) ?? leavesOf(withoutNegation(expression));
  conditions.set(expression, known);
  return known;
}

function leavesOf(expression: Expression): readonly Expression[] {
  return expression.kind === "logical" ? expression.operands.flatMap(leavesOf) : [expression];
}

/** Every list of conditions that is joined by `operator` within a predicate, with NOT moved into each. */
export function* joinedBy(operator: "AND" | "OR", expression: Expression): Iterable<readonly Expression[]> {
  if (expression.kind !== "logical" && expression.kind !== "not") return;
  const plain = withoutNegation(expression);
  if (plain.kind !== "logical") return;
  if (plain.operator === operator) yield plain.operands;
  for (const operand of plain.operands) yield* joinedBy(operator, operand);
}

/** The parts of a single condition: both sides of a comparison, or the value that is looked for and the values of an IN. */
export function operandsOf(condition: Expression): readonly Expression[] {
  switch (condition.kind) {
    case "comparison":
      return [condition.left, condition.right];
    case "like":
      return [condition.left, condition.pattern];
    case "in":
      return [condition.left, ...condition.values];
    case "is":
      return [condition.left];
    case "not":
      return operandsOf(condition.operand);
    default:
      return [condition];
  }
}

/** A field with one of the texts that a condition asks for, whichever side it is on. */
export interface AskedText {
  readonly path: readonly string[];
  readonly text: string;
  /** The operator that compares them, `IN` or `LIKE`. */
  readonly by: ComparisonOperator | "IN" | "LIKE";
}

/** Every text that a predicate compares a field with. */
export function* textsAskedFor(expression: Expression): Iterable<AskedText> {
  for (const { path, value, by } of valuesAskedFor(expression)) {
    if (typeof value === "string") yield { path, text: value, by };
  }
}

const turned: Partial<Record<ComparisonOperator, ComparisonOperator>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

/** A field with one of the literals that a predicate compares it with, whichever side it is on. */
interface AskedFor {
  readonly path: readonly string[];
  readonly value: string | number | boolean | null;
  readonly by: AskedText["by"];
}

const askedFor = new WeakMap<Expression, readonly AskedFor[]>();

/** Every literal that a predicate compares a field with, and how. Many rules ask, so it is remembered. */
export function valuesAskedFor(expression: Expression): readonly AskedFor[] {
  const known = askedFor.get(expression) ?? [...findAskedFor(expression)];
  askedFor.set(expression, known);
  return known;
}

function* findAskedFor(expression: Expression): Iterable<AskedFor> {
  for (const condition of conditionsOf(expression)) {
    if (condition.kind === "comparison") {
      const { left, right, operator } = condition;
      if (left.kind === "field" && right.kind === "literal")
        yield { path: left.path, value: right.value, by: operator };
      if (right.kind === "field" && left.kind === "literal")
        yield { path: right.path, value: left.value, by: turned[operator] ?? operator };
    } else if (condition.kind === "like") {
      const { left, pattern } = condition;
      if (left.kind === "field" && pattern.kind === "literal")
        yield { path: left.path, value: pattern.value, by: "LIKE" };
    } else if (condition.kind === "in") {
      const { left, values } = condition;
      for (const value of values)
        if (left.kind === "field" && value.kind === "literal") yield { path: left.path, value: value.value, by: "IN" };
    }
  }
}
