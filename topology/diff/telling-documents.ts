import type { Expression } from "../../dql/index.ts";
import type { DocumentFields } from "../flows/flows.ts";

/** Documents by which predicates can be told apart. */
export interface TellingDocuments {
  readonly documents: readonly DocumentFields[];
  /** True if there is none beside them that the predicates would treat differently from all of them. */
  readonly complete: boolean;
}

/** Above this, the combinations of values are thinned out. */
const maxDocuments = 500;

/**
 * One document for every combination of values that conditions may treat differently. A condition compares one field with literals, so
 * its outcome changes at these and nowhere between them: the literals, something between each two, and something beyond are all there is.
 */
export function tellingDocuments(expressions: readonly Expression[]): TellingDocuments {
  const fields = new Map<string, Field>();
  const known = expressions.map((expression) => collect(expression, fields)).every((each) => each);
  const all = [...fields.values()];
  const nested = all.some(({ path }) => all.some((other) => other.path !== path && startsWith(other.path, path)));
  const values = all.map((field) => ({ path: field.path, values: valuesOf(field) }));
  const combinations = values.reduce((product, each) => product * each.values.length, 1);
  const documents: DocumentFields[] = [];
  for (let n = 0; n < Math.min(combinations, maxDocuments); n++) {
    let rest = n;
    let document: DocumentFields = {};
    for (const [index, { path, values: choices }] of values.entries()) {
      const pick = combinations <= maxDocuments ? rest : scattered(n, index);
      const value = choices[pick % choices.length];
      rest = Math.floor(rest / choices.length);
      if (value !== undefined) document = withValue(document, path, value);
    }
    documents.push(document);
  }
  return { documents, complete: known && !nested && combinations <= maxDocuments };
}

/** The comparisons with one field. */
interface Field {
  readonly path: readonly string[];
  readonly numbers: Set<number>;
  readonly texts: Set<string>;
  /** True if it stands alone as a condition, or is compared with true or false. */
  boolean: boolean;
  /** True if null and missing are told apart. */
  presence: boolean;
  /** True if it is asked which of two values is larger, or what a text begins with. */
  ordered: boolean;
}

type Literal = string | number | boolean | null;

/** @returns false where a condition is of another kind than a field against literals */
function collect(expression: Expression, fields: Map<string, Field>): boolean {
  switch (expression.kind) {
    case "literal":
      return true;
    case "field":
      fieldOf(fields, expression.path).boolean = true;
      return true;
    case "not":
      return collect(expression.operand, fields);
    case "logical":
      return expression.operands.map((operand) => collect(operand, fields)).every((each) => each);
    case "comparison":
      return compared(expression, fields);
    case "in":
      return against(expression.left, expression.values, fields);
    case "is":
      if (expression.left.kind !== "field") return false;
      fieldOf(fields, expression.left.path).presence = true;
      return true;
    case "like":
      return like(expression, fields);
    default:
      return false;
  }
}

function compared(
  { left, right, operator }: Extract<Expression, { kind: "comparison" }>,
  fields: Map<string, Field>,
): boolean {
  for (const side of [left, right])
    if (side.kind === "field" && !/^(==?|!=|<>)$/.test(operator)) fieldOf(fields, side.path).ordered = true;
  return against(left, [right], fields) || against(right, [left], fields);
}

function against(left: Expression, right: readonly Expression[], fields: Map<string, Field>): boolean {
  const literals = right.flatMap((each) => (each.kind === "literal" ? [each.value] : []));
  if (left.kind === "literal") return literals.length === right.length;
  if (left.kind !== "field") return false;
  const field = fieldOf(fields, left.path);
  for (const literal of literals) note(field, literal);
  return literals.length === right.length;
}

/** A pattern that is a prefix is a range of texts; other patterns are only tried out. */
function like({ left, pattern }: Extract<Expression, { kind: "like" }>, fields: Map<string, Field>): boolean {
  if (left.kind !== "field" || pattern.kind !== "literal" || typeof pattern.value !== "string") return false;
  const field = fieldOf(fields, left.path);
  field.ordered = true;
  const [, prefix, rest] = /^([^%_]*)(.*)$/s.exec(pattern.value) ?? [];
  note(field, prefix ?? "");
  if (rest === "") return true;
  if (rest === "%") {
    const last = prefix?.charCodeAt((prefix?.length ?? 0) - 1);
    if (prefix && last !== undefined) note(field, `${prefix.slice(0, -1)}${String.fromCharCode(last + 1)}`);
    return true;
  }
  for (const filled of ["", "x", "xx"]) note(field, pattern.value.replaceAll("%", filled).replaceAll("_", "x"));
  return false;
}

function note(field: Field, literal: Literal): void {
  if (typeof literal === "number") field.numbers.add(literal);
  else if (typeof literal === "string") field.texts.add(literal);
  else if (typeof literal === "boolean") field.boolean = true;
}

function fieldOf(fields: Map<string, Field>, path: readonly string[]): Field {
  const key = JSON.stringify(path);
  const nothing = { boolean: false, presence: false, ordered: false };
  const known = fields.get(key) ?? { path, numbers: new Set(), texts: new Set(), ...nothing };
  fields.set(key, known);
  return known;
}

/** Undefined: the field is not there. */
function valuesOf({ numbers, texts, boolean, presence, ordered }: Field): readonly unknown[] {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  const between = sorted.slice(1).map((number, index) => ((sorted[index] ?? number) + number) / 2);
  // The text after a text, as DQL orders them, is the same with one more of the least characters.
  const after = [...texts].map((text) => `${text}\u0000`);
  const used = [numbers.size > 0 ? "number" : "", texts.size > 0 ? "string" : "", boolean ? "boolean" : ""];
  const other = ["x", 0, true].filter((value) => !used.includes(typeof value)).slice(0, 1);
  const always = [
    undefined,
    ...(presence ? [null] : []),
    ...(boolean ? [true, false] : []),
    ...(other.length > 0 ? other : [[]]),
  ];
  if (!ordered) return [...always, ...numbers, ...texts];
  return [
    ...always,
    ...(least === undefined || most === undefined ? [] : [least - 1, ...sorted, ...between, most + 1]),
    ...(texts.size > 0 ? new Set(["", ...texts, ...after]) : []),
  ];
}

function withValue(fields: DocumentFields, [step = "", ...rest]: readonly string[], value: unknown): DocumentFields {
  const inner = fields[step];
  const object = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? { ...inner } : {};
  return { ...fields, [step]: rest.length === 0 ? value : withValue(object, rest, value) };
}

function startsWith(path: readonly string[], prefix: readonly string[]): boolean {
  return prefix.every((step, index) => path[index] === step);
}

/** A number that looks random and is the same in each run. */
function scattered(n: number, index: number): number {
  return Math.imul(Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b), 0xc2b2ae35) >>> 8;
}
