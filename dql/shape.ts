import type { Expression } from "./ast.ts";

/** Replaces every value in an expression with NULL. Predicates that differ only in values have the same shape. */
export function shapeOf(expression: Expression): Expression {
  switch (expression.kind) {
    case "literal":
      return { kind: "literal", value: null };
    case "field":
    case "parameter":
      return expression;
    case "call":
      return { ...expression, arguments: expression.arguments.map(shapeOf) };
    case "not":
      return { ...expression, operand: shapeOf(expression.operand) };
    case "logical":
      return { ...expression, operands: expression.operands.map(shapeOf) };
    case "comparison":
      return { ...expression, left: shapeOf(expression.left), right: shapeOf(expression.right) };
    case "like":
      return { ...expression, left: shapeOf(expression.left), pattern: shapeOf(expression.pattern) };
    case "in":
      return { ...expression, left: shapeOf(expression.left), values: expression.values.map(shapeOf) };
    case "is":
      return { ...expression, left: shapeOf(expression.left) };
  }
}
