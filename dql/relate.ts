import type { Expression } from "./ast.ts";
import { evaluate } from "./evaluate.ts";

/** The verdict on a document that one predicate matches, as to another predicate: it matches too, it cannot match, or nobody knows. */
export type Relation = "implies" | "excludes" | "unknown";

/** Each condition of one predicate meets each of the other; of longer ones than people write only sameness is looked for. */
const maxMeetings = 2_500;

/** Relates two predicates by their form alone: `unknown` where that is not enough, never a wrong `implies` or `excludes`. */
export function relate(one: Expression, other: Expression): Relation {
  if (conditionsIn(one) * conditionsIn(other) > maxMeetings) return isSame(one, other) ? "implies" : "unknown";
  return relateParts(one, other);
}

function relateParts(one: Expression, other: Expression): Relation {
  const relation = direct(one, other);
  // That two cannot hold at once may show from either side.
  return relation === "unknown" && direct(other, one) === "excludes" ? "excludes" : relation;
}

function conditionsIn(expression: Expression): number {
  switch (expression.kind) {
    case "not":
      return conditionsIn(expression.operand);
    case "logical":
      return expression.operands.reduce((sum, operand) => sum + conditionsIn(operand), 0);
    default:
      return 1;
  }
}

function direct(one: Expression, other: Expression): Relation {
  if (isSame(one, other)) return "implies";
  if (other.kind === "literal") return other.value === true ? "implies" : "excludes";
  if (one.kind === "logical" && one.operator === "OR")
    return all(one.operands.map((operand) => relateParts(operand, other)));
  if (other.kind === "logical") {
    const relations = other.operands.map((operand) => relateParts(one, operand));
    return other.operator === "AND" ? every(relations) : some(relations);
  }
  const facts = conjunctsOf(one);
  if (facts.some((fact) => isSame(fact, other))) return "implies";
  if (facts.some((fact) => fact.kind === "not" && isSame(fact.operand, other))) return "excludes";
  const known = remembered(pinnedBy, one, () => pinned(facts));
  const fields = remembered(fieldsIn, other, () => fieldsOf(other) ?? "unknown");
  if (fields !== "unknown" && fields.every((path) => valueAt(known, path) !== undefined))
    return evaluate(other, known, {}) ? "implies" : "excludes";
  const relations = facts.map((fact) => relateRanges(fact, other));
  return relations.find((relation) => relation !== "unknown") ?? "unknown";
}

/** The conditions that all have to hold. */
export function conjunctsOf(expression: Expression): readonly Expression[] {
  if (expression.kind !== "logical" || expression.operator !== "AND") return [expression];
  return expression.operands.flatMap(conjunctsOf);
}

function all(relations: readonly Relation[]): Relation {
  const [first = "unknown"] = relations;
  return relations.every((relation) => relation === first) ? first : "unknown";
}

function every(relations: readonly Relation[]): Relation {
  if (relations.includes("excludes")) return "excludes";
  return relations.includes("unknown") ? "unknown" : "implies";
}

function some(relations: readonly Relation[]): Relation {
  if (relations.includes("implies")) return "implies";
  return relations.includes("unknown") ? "unknown" : "excludes";
}

const texts = new WeakMap<Expression, string>();

function isSame(one: Expression, other: Expression): boolean {
  return one === other || (one.kind === other.kind && textOf(one) === textOf(other));
}

function textOf(expression: Expression): string {
  return remembered(texts, expression, () => JSON.stringify(expression));
}

/** A large topology relates each of a few queries with others thousands of times. */
function remembered<T>(known: WeakMap<Expression, T>, expression: Expression, find: () => T): T {
  const before = known.get(expression);
  if (before !== undefined) return before;
  const found = find();
  known.set(expression, found);
  return found;
}

type Fields = Readonly<Record<string, unknown>>;

const pinnedBy = new WeakMap<Expression, Fields>();

/** The fields whose value is known for certain. */
function pinned(facts: readonly Expression[]): Fields {
  return facts.reduce<Fields>((known, fact) => {
    if (fact.kind !== "comparison" || (fact.operator !== "=" && fact.operator !== "==")) return known;
    const [field, literal] = fact.left.kind === "field" ? [fact.left, fact.right] : [fact.right, fact.left];
    if (field.kind !== "field" || literal.kind !== "literal" || literal.value === null) return known;
    return withValue(known, field.path, literal.value);
  }, {});
}

function withValue(fields: Fields, [step, ...rest]: readonly string[], value: unknown): Fields {
  if (step === undefined) return fields;
  const inner = fields[step];
  return { ...fields, [step]: rest.length === 0 ? value : withValue(isFields(inner) ? inner : {}, rest, value) };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function valueAt(fields: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((current, step) => (isFields(current) ? current[step] : undefined), fields);
}

const fieldsIn = new WeakMap<Expression, (readonly string[])[] | "unknown">();

/** The fields that a predicate is about; undefined where it has a part whose value is not known. */
function fieldsOf(expression: Expression): (readonly string[])[] | undefined {
  switch (expression.kind) {
    case "literal":
      return [];
    case "field":
      return [expression.path];
    case "parameter":
    case "call":
      return undefined;
    case "not":
      return fieldsOf(expression.operand);
    case "logical":
      return join(expression.operands);
    case "comparison":
      return join([expression.left, expression.right]);
    case "like":
      return join([expression.left, expression.pattern]);
    case "in":
      return join([expression.left, ...expression.values]);
    case "is":
      return fieldsOf(expression.left);
  }
}

function join(expressions: readonly Expression[]): (readonly string[])[] | undefined {
  const fields = expressions.map(fieldsOf);
  return fields.flatMap((each) => each ?? []).length > 0 && !fields.includes(undefined)
    ? fields.flatMap((each) => each ?? [])
    : undefined;
}

/** A bound of a field: `createdAt > '2026-01-01'`. */
export interface Range {
  readonly path: readonly string[];
  readonly operator: ">" | ">=" | "<" | "<=";
  readonly value: Expression;
}

const turned = { ">": "<", ">=": "<=", "<": ">", "<=": ">=" } as const;

/** A comparison by size as a bound of its field, whichever side the field is on. */
export function rangeOf(expression: Expression): Range | undefined {
  if (expression.kind !== "comparison") return undefined;
  const { operator, left, right } = expression;
  if (operator !== ">" && operator !== ">=" && operator !== "<" && operator !== "<=") return undefined;
  if (left.kind === "field" && right.kind !== "field") return { path: left.path, operator, value: right };
  if (right.kind === "field" && left.kind !== "field")
    return { path: right.path, operator: turned[operator], value: left };
  return undefined;
}

function relateRanges(one: Expression, other: Expression): Relation {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  if (!a || !b || a.path.join("\0") !== b.path.join("\0")) return "unknown";
  const [x, y] = [a.value.kind === "literal" ? a.value.value : null, b.value.kind === "literal" ? b.value.value : null];
  const comparable =
    (typeof x === "number" && typeof y === "number") || (typeof x === "string" && typeof y === "string");
  if (!comparable || x === null || y === null) return "unknown";
  const strict = !a.operator.endsWith("=");
  const lower = a.operator.startsWith(">");
  const beyond = lower ? x > y : x < y;
  if (lower === b.operator.startsWith(">")) {
    const within = beyond || (x === y && (strict || b.operator.endsWith("=")));
    return within ? "implies" : "unknown";
  }
  const apart = beyond || (x === y && (strict || !b.operator.endsWith("=")));
  return apart ? "excludes" : "unknown";
}
