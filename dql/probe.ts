import type { Expression } from "./ast.ts";
import { evaluate } from "./evaluate.ts";

type Fields = Record<string, unknown>;

/** Fields of a document that a predicate matches, where it is made of simple comparisons with literals; else the reason why not. */
export function deriveProbe(
  expression: Expression,
): { readonly ok: true; readonly fields: Readonly<Fields> } | { readonly ok: false; readonly reason: string } {
  for (const fields of candidates(expression)) {
    if (fields && evaluate(expression, fields, {})) return { ok: true, fields };
  }
  return { ok: false, reason: "it is not made of simple comparisons of fields with literals" };
}

/** More alternatives than this are not tried. */
const maxCandidates = 64;

/** Documents that might match: one for each way through the ORs. What they say is checked by evaluating. */
function candidates(expression: Expression): (Fields | undefined)[] {
  switch (expression.kind) {
    case "literal":
      return expression.value === true ? [{}] : [];
    case "logical":
      if (expression.operator === "OR") return expression.operands.flatMap(candidates).slice(0, maxCandidates);
      return expression.operands.reduce<(Fields | undefined)[]>(
        (all, operand) =>
          all.flatMap((one) => candidates(operand).map((other) => merge(one, other))).slice(0, maxCandidates),
        [{}],
      );
    case "comparison": {
      const { left, right, operator } = expression;
      if (left.kind === "field" && right.kind === "literal")
        return near(right.value, operator).map((value) => at(left.path, value));
      if (right.kind === "field" && left.kind === "literal")
        return [...near(left.value, "<"), ...near(left.value, ">"), left.value].map((value) => at(right.path, value));
      return [];
    }
    case "in":
      return expression.left.kind !== "field" || expression.negated
        ? [{}]
        : literals(expression.values).map((value) => at(pathOf(expression.left), value));
    case "like":
      if (expression.left.kind !== "field" || expression.pattern.kind !== "literal") return [];
      return [at(expression.left.path, String(expression.pattern.value).replaceAll("%", "").replaceAll("_", "x"))];
    case "is":
      if (expression.left.kind !== "field") return [];
      return [{}, at(expression.left.path, null), at(expression.left.path, "probe")];
    case "field":
      return [at(expression.path, true)];
    case "not":
      return [{}, ...fieldsOf(expression.operand).flatMap((path) => [at(path, "probe"), at(path, 0), at(path, false)])];
    default:
      return [];
  }
}

/** Values on both sides of a literal. */
function near(value: string | number | boolean | null, operator: string): unknown[] {
  if (operator === "=" || operator === "==" || operator === "<=" || operator === ">=") return [value];
  if (typeof value === "number") return [value + 1, value - 1];
  if (typeof value === "string") return [`${value}~`, ""];
  return [value !== true];
}

function literals(values: readonly Expression[]): unknown[] {
  return values.flatMap((value) => (value.kind === "literal" ? [value.value] : []));
}

function pathOf(expression: Expression): readonly string[] {
  return expression.kind === "field" ? expression.path : [];
}

function fieldsOf(expression: Expression): (readonly string[])[] {
  if (expression.kind === "field") return [expression.path];
  if (expression.kind === "logical") return expression.operands.flatMap(fieldsOf);
  if (expression.kind === "not") return fieldsOf(expression.operand);
  return "left" in expression ? fieldsOf(expression.left) : [];
}

function at([step, ...rest]: readonly string[], value: unknown): Fields {
  if (step === undefined) return {};
  return { [step]: rest.length === 0 ? value : at(rest, value) };
}

/** Both documents in one, or undefined where they want different values of one field. */
function merge(one: Fields | undefined, other: Fields | undefined): Fields | undefined {
  if (!one || !other) return undefined;
  const result: Fields = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const before = result[key];
    if (before === undefined) result[key] = value;
    else if (isFields(before) && isFields(value)) {
      const inner = merge(before, value);
      if (!inner) return undefined;
      result[key] = inner;
    }
    // Two wishes for one field: the first stays, and evaluating tells whether it serves both.
  }
  return result;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
