export type { Expression, InsertedDocument, Statement } from "./ast.ts";
export {
  type AskedText,
  conditionsOf,
  joinedBy,
  operandsOf,
  textsAskedFor,
  valuesAskedFor,
  withoutNegation,
} from "./conditions.ts";
export { evaluate, evaluateValue } from "./evaluate.ts";
export { type ParseFailure, parsePredicate, parseStatement } from "./parse.ts";
export { mixedOperators } from "./precedence.ts";
export { printExpression, printName } from "./print.ts";
export { deriveProbe } from "./probe.ts";
export { doubleQuotedNames, requoted } from "./quoting.ts";
export { conjunctsOf, type Range, type Relation, rangeOf, relate } from "./relate.ts";
export { shapeOf } from "./shape.ts";
export { coverAll, excludes, isNull, samePath, verdictOf } from "./verdict.ts";
