import {
  conjunctsOf,
  type Expression,
  parsePredicate,
  printExpression,
  printName,
  type Range,
  rangeOf,
} from "../../dql/index.ts";

/** The guide's pattern for a subscription from which documents are evicted: a bound in time that is moved forward before they are. */
export interface TimeBound {
  /** The bound that the query has already, such as `createdAt > '2026-01-01'`. */
  readonly bound: string | undefined;
  /** The query with its bound at `:cutoff`. A subscription takes no parameters: the time itself stands there in a topology. */
  readonly subscription: string;
  /** The statement that evicts what is then not covered any more; `:cutoff` is its argument. */
  readonly evict: string;
}

/** The field in the pattern where a query has no field of time yet. */
const usualField = "createdAt";

/** Writes the pattern out for one query. One that this project cannot read is taken whole, in parentheses. */
export function timeBound(collection: string, query: string): TimeBound {
  const parsed = parsePredicate(query);
  const facts = parsed.ok ? conjunctsOf(parsed.expression) : [];
  const ranges = facts.flatMap((fact) => {
    const range = rangeOf(fact);
    return range?.operator.startsWith(">") && isTime(range) ? [{ fact, range }] : [];
  });
  const [present] = ranges;
  const rest = parsed.ok ? facts.filter((fact) => !ranges.some((each) => each.fact === fact) && !isTrue(fact)) : [];
  const texts = parsed.ok ? rest.map(operand) : [`(${query})`];
  const field = present ? present.range.path.map(printName).join(".") : usualField;
  const inclusive = present?.range.operator === ">=";
  return {
    bound: present ? printExpression(present.fact) : isBoundInTime(query) ? query : undefined,
    subscription: [...texts, `${field} ${inclusive ? ">=" : ">"} :cutoff`].join(" AND "),
    evict: `EVICT FROM ${printName(collection)} WHERE ${[...texts, `${field} ${inclusive ? "<" : "<="} :cutoff`].join(" AND ")}`,
  };
}

/** True if what a query covers ends somewhere in the past. One that this project cannot read does if it compares by size at all. */
export function isBoundInTime(query: string): boolean {
  const parsed = parsePredicate(query);
  if (parsed.ok) return ends(parsed.expression);
  return /[<>]|\bBETWEEN\b/i.test(query.replace(/'[^']*'|"[^"]*"/g, "").replaceAll("<>", ""));
}

function ends(expression: Expression): boolean {
  if (expression.kind === "logical")
    return expression.operator === "OR" ? expression.operands.every(ends) : expression.operands.some(ends);
  const range = rangeOf(expression);
  return range?.operator.startsWith(">") === true && isTime(range);
}

/** A date as text, a function such as now(), a number that can only be seconds or milliseconds since 1970, or a field called so. */
function isTime({ path, value }: Range): boolean {
  if (value.kind !== "literal") return true;
  if (typeof value.value === "number") return value.value >= 1e8 || temporal.test(path.at(-1) ?? "");
  return typeof value.value === "string" && /^\d{4}(-\d{2}|$)/.test(value.value);
}

const temporal = /(?:[Yy]ear|[Mm]onth|[Ww]eek|[Dd]ay|[Dd]ate|[Tt]ime|[Ee]poch|[Tt]imestamp|^ts|_ts|[a-z]At|_at)$/;

function isTrue(expression: Expression): boolean {
  return expression.kind === "literal" && expression.value === true;
}

function operand(expression: Expression): string {
  const text = printExpression(expression);
  return expression.kind === "logical" ? `(${text})` : text;
}
