import { signatureKey } from "../engine/engine-values.ts";
import { fieldAt } from "../topology/value-at.ts";

/** Stands for a declared value that only a deployment knows: any actual value agrees with it. */
export const anyValue = Symbol("any value");

/** A field that is not as it is declared. */
export interface Difference {
  /** Dotted; an item of a list by its index, or by its name. */
  readonly path: string;
  readonly declared: unknown;
  /** Undefined: not there. */
  readonly actual: unknown;
}

/** The paths at which an actual object lacks or contradicts what is declared; what it has beyond that is somebody else's. */
export function differences(declared: unknown, actual: unknown): string[] {
  return differingFields(declared, actual).map(({ path }) => path);
}

/** The same with both values. */
export function differingFields(declared: unknown, actual: unknown, path = ""): Difference[] {
  if (declared === anyValue || declared === undefined) return [];
  if (isSealed(actual)) return [];
  if (Array.isArray(declared)) return listDifferences(declared, actual, path);
  if (isObject(declared)) {
    if (!isObject(actual)) return isEmpty(declared) && actual === undefined ? [] : [{ path, declared, actual }];
    return Object.entries(declared).flatMap(([key, value]) =>
      differingFields(value, actual[key], path === "" ? key : `${path}.${key}`),
    );
  }
  return declared === actual ? [] : [{ path, declared, actual }];
}

/** What an object has under some fields beyond what is declared. `differences` leaves it to others; of these fields it is not theirs. */
export function additions(declared: unknown, actual: unknown, fields: readonly string[]): string[] {
  return fields.flatMap((field) => {
    const [wanted, found] = [declared, actual].map((object) => fieldAt(object, field));
    if (Array.isArray(found)) {
      const known: readonly unknown[] = Array.isArray(wanted) ? wanted : [];
      if (known.includes(anyValue)) return [];
      return found.filter((item) => !known.includes(item)).map((item) => `${field}[${item}]`);
    }
    const known = isObject(wanted) ? wanted : {};
    return isObject(found) && !isSealed(found)
      ? Object.keys(found).flatMap((key) => (Object.hasOwn(known, key) ? [] : [`${field}.${key}`]))
      : [];
  });
}

function listDifferences(declared: readonly unknown[], actual: unknown, path: string): Difference[] {
  const items: readonly unknown[] = Array.isArray(actual) ? actual : [];
  const whole = [{ path, declared, actual }];
  if (declared.length === 0) return items.length === 0 ? [] : whole;
  // A list of named things may hold those of others, too.
  if (declared.every((each) => isObject(each) && typeof each.name === "string")) {
    return declared.filter(isObject).flatMap((each) => {
      const same = items.find((item) => isObject(item) && item.name === each.name);
      const at = `${path}[${each.name}]`;
      return same === undefined ? [{ path: at, declared: each, actual: same }] : differingFields(each, same, at);
    });
  }
  if (items.length !== declared.length) return whole;
  return declared.flatMap((each, index) => differingFields(each, items[index], `${path}[${index}]`));
}

type Members = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

/** A secret as it stands in an exported state: encrypted, or marked. */
function isSealed(value: unknown): boolean {
  return isObject(value) && typeof value[signatureKey] === "string";
}
