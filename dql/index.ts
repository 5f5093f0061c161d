export type { Assignment, ComparisonOperator, Expression, InsertedDocument, Statement } from "./ast.ts";
export { evaluate, evaluateValue } from "./evaluate.ts";
export { type ParseFailure, parsePredicate, parseStatement } from "./parse.ts";
export { printExpression, printName } from "./print.ts";
export { deriveProbe } from "./probe.ts";
export { conjunctsOf, type Range, type Relation, rangeOf, relate } from "./relate.ts";
