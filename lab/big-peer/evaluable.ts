import type { Expression } from "../../dql/index.ts";

/** Says why the stand-in cannot evaluate an expression with these parameters; undefined if it can. Otherwise it would silently match nothing. */
export function unevaluable(
  expression: Expression,
  parameters: Readonly<Record<string, unknown>> = {},
): string | undefined {
  switch (expression.kind) {
    case "literal":
    case "field":
      return undefined;
    case "parameter":
      return Object.hasOwn(parameters, expression.name) ? undefined : `the argument :${expression.name} is not given`;
    case "call":
      return `the lab's stand-in Big Peer has no function ${expression.name}()`;
    default:
      return operands(expression)
        .map((operand) => unevaluable(operand, parameters))
        .find((problem) => problem !== undefined);
  }
}

function operands(expression: Exclude<Expression, { kind: "literal" | "field" | "parameter" | "call" }>) {
  switch (expression.kind) {
    case "not":
      return [expression.operand];
    case "logical":
      return expression.operands;
    case "comparison":
      return [expression.left, expression.right];
    case "like":
      return [expression.left, expression.pattern];
    case "in":
      return [expression.left, ...expression.values];
    case "is":
      return [expression.left];
  }
}
