import { ownProperty } from "../own-property.ts";

/** A value of the operator's as JSON, in which a text such as `{secret}` stands for what is known only later. */
export type Shape = string | number | boolean | null | readonly Shape[] | { readonly [key: string]: Shape };

/** A text that is a placeholder and nothing else. */
const placeholder = /^\{(\w+)\}$/;

/** Fills a shape. A placeholder that no value is given for stays as it is, so that it shows. */
export function fillShape(shape: Shape, values: Readonly<Record<string, unknown>>): unknown {
  if (typeof shape === "string") {
    const [, name] = placeholder.exec(shape) ?? [];
    return name === undefined ? shape : (ownProperty(values, name) ?? shape);
  }
  if (isList(shape)) return shape.map((each) => fillShape(each, values));
  if (typeof shape !== "object" || shape === null) return shape;
  return Object.fromEntries(Object.entries(shape).map(([key, inner]) => [key, fillShape(inner, values)]));
}

/**
 * The values behind the placeholders of a shape, by name; undefined where the value is not of that shape. Members that
 * the shape does not have are left aside, as a server's own defaults would be.
 */
export function readShape(shape: Shape, value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof shape === "string") {
    const [, name] = placeholder.exec(shape) ?? [];
    if (name === undefined) return value === shape ? {} : undefined;
    return typeof value === "string" ? { [name]: value } : undefined;
  }
  if (isList(shape)) {
    if (!Array.isArray(value) || value.length !== shape.length) return undefined;
    return all(shape.map((each, index) => readShape(each, value[index])));
  }
  if (typeof shape !== "object" || shape === null) return value === shape ? {} : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  return all(Object.entries(shape).map(([key, inner]) => readShape(inner, ownProperty({ ...value }, key))));
}

/** The placeholders of a shape. */
export function placeholdersOf(shape: Shape): string[] {
  if (typeof shape === "string") return placeholder.exec(shape)?.slice(1) ?? [];
  if (typeof shape !== "object" || shape === null) return [];
  return Object.values(shape).flatMap(placeholdersOf);
}

function all(
  parts: readonly (Readonly<Record<string, string>> | undefined)[],
): Readonly<Record<string, string>> | undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length === parts.length ? Object.assign({}, ...known) : undefined;
}

function isList(shape: Shape): shape is readonly Shape[] {
  return Array.isArray(shape);
}
