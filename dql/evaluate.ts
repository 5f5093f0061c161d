import type { ComparisonOperator, Expression } from "./ast.ts";

type Fields = Readonly<Record<string, unknown>>;

/** True if a predicate holds for a document. What is missing or null is neither true nor false, and does not match. */
export function evaluate(expression: Expression, document: Fields, parameters: Fields): boolean {
  return truth(expression, document, parameters) === true;
}

/** The value of an expression for a document; undefined where a field is missing. */
export function evaluateValue(expression: Expression, document: Fields, parameters: Fields): unknown {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "field":
      return expression.path.reduce<unknown>(own, document);
    case "parameter":
      return own(parameters, expression.name);
    case "call":
      // Functions are read, so that a subscription with one is not refused, but what they give is not known here.
      return undefined;
    default:
      return truth(expression, document, parameters);
  }
}

function own(value: unknown, step: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, step)
    ? Reflect.get(value, step)
    : undefined;
}

/** Three-valued: undefined is unknown, as in SQL. */
function truth(expression: Expression, document: Fields, parameters: Fields): boolean | undefined {
  const value = (inner: Expression) => evaluateValue(inner, document, parameters);
  switch (expression.kind) {
    case "not":
      return negate(truth(expression.operand, document, parameters));
    case "logical": {
      const decisive = expression.operator === "OR";
      const truths = expression.operands.map((operand) => truth(operand, document, parameters));
      if (truths.includes(decisive)) return decisive;
      return truths.includes(undefined) ? undefined : !decisive;
    }
    case "comparison":
      return compare(expression.operator, value(expression.left), value(expression.right));
    case "in": {
      const left = value(expression.left);
      const found = expression.values.map((each) => compare("=", left, value(each)));
      const result = found.includes(true) ? true : found.includes(undefined) ? undefined : false;
      return expression.negated ? negate(result) : result;
    }
    case "like": {
      const [text, pattern] = [value(expression.left), value(expression.pattern)];
      if (typeof text !== "string" || typeof pattern !== "string") return undefined;
      const result = likePattern(pattern).test(text);
      return expression.negated ? !result : result;
    }
    case "is": {
      const left = value(expression.left);
      const result = expression.what === "NULL" ? left === null : left === undefined;
      return expression.negated ? !result : result;
    }
    default: {
      const given = value(expression);
      return typeof given === "boolean" ? given : undefined;
    }
  }
}

function negate(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

function compare(operator: ComparisonOperator, left: unknown, right: unknown): boolean | undefined {
  if (left === undefined || left === null || right === undefined || right === null) return undefined;
  if (operator === "=" || operator === "==") return equal(left, right);
  if (operator === "!=" || operator === "<>") return !equal(left, right);
  const comparable =
    (typeof left === "number" && typeof right === "number") || (typeof left === "string" && typeof right === "string");
  if (!comparable) return undefined;
  switch (operator) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}

function equal(left: unknown, right: unknown): boolean {
  return left === right || (typeof left === "object" && JSON.stringify(left) === JSON.stringify(right));
}

function likePattern(pattern: string): RegExp {
  const body = [...pattern].map((character) =>
    character === "%" ? ".*" : character === "_" ? "." : character.replace(/[\\^$.*+?()[\]{}|]/, "\\$&"),
  );
  return new RegExp(`^${body.join("")}$`, "su");
}
