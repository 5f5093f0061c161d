import type { Expression } from "./ast.ts";
import { Keyword } from "./tokens.ts";

/** Writes an expression as DQL; what it parses to is the expression again. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "literal":
      return typeof expression.value === "string"
        ? `'${expression.value.replaceAll("'", "''")}'`
        : String(expression.value);
    case "field":
      return expression.path.map(printName).join(".");
    case "parameter":
      return `:${expression.name}`;
    case "call":
      return `${expression.name}(${expression.arguments.map(printExpression).join(", ")})`;
    case "not":
      return `NOT ${inner(expression.operand)}`;
    case "logical":
      return expression.operands.map(inner).join(` ${expression.operator} `);
    case "comparison":
      return `${inner(expression.left)} ${expression.operator} ${inner(expression.right)}`;
    case "like":
      return `${inner(expression.left)} ${not(expression.negated)}LIKE ${inner(expression.pattern)}`;
    case "in":
      return `${inner(expression.left)} ${not(expression.negated)}IN (${expression.values.map(printExpression).join(", ")})`;
    case "is":
      return `${inner(expression.left)} IS ${not(expression.negated)}${expression.what}`;
  }
}

/** A name as it may stand in a statement. */
export function printName(name: string): string {
  const plain = /^[A-Za-z_]\w*$/.test(name) && !Object.hasOwn(Keyword, name.toUpperCase());
  return plain ? name : `\`${name.replaceAll("`", "``")}\``;
}

function not(negated: boolean): string {
  return negated ? "NOT " : "";
}

/** In parentheses, where what stands around would take it apart. */
function inner(expression: Expression): string {
  const text = printExpression(expression);
  return expression.kind === "logical" || expression.kind === "not" ? `(${text})` : text;
}
