import type { Expression } from "./ast.ts";
import { operandsOf, withoutNegation } from "./conditions.ts";
import { evaluate } from "./evaluate.ts";
import { printExpression } from "./print.ts";
import { rangeOf, relate } from "./relate.ts";

/** The result of a predicate that is the same for every document; undefined where it depends on the document. */
export type Verdict = "never" | "always";

/**
 * Judges a predicate by its form alone. `always` is every document that has the fields which it names: `a = a` does not
 * hold where `a` is missing. That two conditions cannot hold at once is not looked for here (`excludes`).
 */
export function verdictOf(expression: Expression): Verdict | undefined {
  const plain = withoutNegation(expression);
  if (plain.kind !== "logical") return verdictOfCondition(plain);
  const verdicts = plain.operands.map(verdictOf);
  const [decisive, other] = plain.operator === "AND" ? (["never", "always"] as const) : (["always", "never"] as const);
  if (verdicts.includes(decisive)) return decisive;
  return verdicts.every((verdict) => verdict === other) ? other : undefined;
}

function verdictOfCondition(condition: Expression): Verdict | undefined {
  const operands = operandsOf(condition);
  if (condition.kind === "in" && condition.values.length === 0) return condition.negated ? "always" : "never";
  // With NULL nothing compares, neither as equal nor as different.
  if (condition.kind === "in" && condition.values.length > 0) {
    const nulls = condition.values.filter(isNull).length;
    if (condition.negated ? nulls > 0 : nulls === condition.values.length) return "never";
  }
  if (condition.kind === "comparison" || condition.kind === "like") {
    if (operands.some(isNull)) return "never";
  }
  if (operands.every(({ kind }) => kind === "literal")) return evaluate(condition, {}, {}) ? "always" : "never";
  if (condition.kind === "comparison" && condition.left.kind === "field") {
    if (printExpression(condition.left) !== printExpression(condition.right)) return undefined;
    return ["=", "==", "<=", ">="].includes(condition.operator) ? "always" : "never";
  }
  if (condition.kind === "like" && condition.pattern.kind === "literal" && /^%+$/.test(String(condition.pattern.value)))
    return condition.negated ? "never" : "always";
  return undefined;
}

export function isNull(expression: Expression): boolean {
  return expression.kind === "literal" && expression.value === null;
}

/** True if two conditions that are both asked for leave no document. */
export function excludes(one: Expression, other: Expression): boolean {
  return (
    relate(one, other) === "excludes" ||
    isAbsence(one, other) ||
    isAbsence(other, one) ||
    haveNoValueInCommon(one, other) ||
    areOfTwoTypes(one, other)
  );
}

/** `a IS NULL` or `a IS MISSING`, beside a condition that wants a value of `a`. */
function isAbsence(one: Expression, other: Expression): boolean {
  if (one.kind !== "is" || one.negated || one.left.kind !== "field") return false;
  if (other.kind === "is") {
    if (printExpression(other.left) !== printExpression(one.left)) return false;
    return other.negated ? other.what === one.what : other.what !== one.what;
  }
  const { path } = one.left;
  if (other.kind === "in" && other.values.length === 0) return false;
  return operandsOf(other).some((each) => each.kind === "field" && samePath(each.path, path));
}

function haveNoValueInCommon(one: Expression, other: Expression): boolean {
  const [a, b] = [valuesOf(one), valuesOf(other)];
  if (!a || !b || !samePath(a.path, b.path)) return false;
  return a.values.length > 0 && b.values.length > 0 && !a.values.some((value) => b.values.includes(value));
}

function valuesOf(condition: Expression): { path: readonly string[]; values: readonly unknown[] } | undefined {
  if (condition.kind === "in") {
    const { left, values, negated } = condition;
    if (negated || left.kind !== "field" || values.some(({ kind }) => kind !== "literal")) return undefined;
    return { path: left.path, values: values.flatMap((each) => (each.kind === "literal" ? [each.value] : [])) };
  }
  if (condition.kind !== "comparison" || (condition.operator !== "=" && condition.operator !== "==")) return undefined;
  const { left, right } = condition;
  if (left.kind === "field" && right.kind === "literal") return { path: left.path, values: [right.value] };
  if (right.kind === "field" && left.kind === "literal") return { path: right.path, values: [left.value] };
  return undefined;
}

/** `a > 5 AND a < '9'`: a number is neither smaller nor larger than a text. */
function areOfTwoTypes(one: Expression, other: Expression): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  if (!a || !b || !samePath(a.path, b.path)) return false;
  if (a.value.kind !== "literal" || b.value.kind !== "literal") return false;
  return typeof a.value.value !== typeof b.value.value;
}

/** True if every document that has the field matches one of two conditions: `a != 1 OR a != 2`, `a < 5 OR a > 3`. */
export function coverAll(one: Expression, other: Expression): boolean {
  if (one.kind === "literal" || other.kind === "literal") return false;
  const [field, another] = [fieldOf(one), fieldOf(other)];
  if (!field || !another || !samePath(field, another)) return false;
  if (one.kind === "is" || other.kind === "is") return one.kind === other.kind && isOpposite(one, other);
  // Whatever is not `one` is `other`, among the documents for which both are true or false.
  return excludes(withoutNegation(one, true), withoutNegation(other, true)) && !areOfTwoTypes(one, other);
}

function isOpposite(one: Expression, other: Expression): boolean {
  return printExpression(withoutNegation(one, true)) === printExpression(other);
}

function fieldOf(condition: Expression): readonly string[] | undefined {
  const fields = operandsOf(condition).flatMap((each) => (each.kind === "field" ? [each.path] : []));
  return fields.length === 1 && operandsOf(condition).every(({ kind }) => kind === "field" || kind === "literal")
    ? fields[0]
    : undefined;
}

export function samePath(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((step, index) => step === other[index]);
}
