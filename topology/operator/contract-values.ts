import { z } from "zod";
import { placeholdersOf, type Shape } from "./shape.ts";

/** The kinds of values that the operator contract has, each with its default and its description. */

export const path = (value: string, what: string) =>
  z
    .string()
    .regex(/^[A-Za-z][\w-]*(\.[A-Za-z][\w-]*)*$/, "a dotted field path such as spec.auth.providers")
    .default(value)
    .describe(`The field of ${what}, as a dotted path.`);
/** A name of a Service, or with dots of a Secret; the placeholders in the default are those that can be filled. */
export const template = (value: string, what: string, dots = "") => {
  const placeholders = value.match(/\{\w+}/g) ?? [];
  return z
    .string()
    .regex(
      new RegExp(`^(?![-.])(?:[a-z0-9-${dots}]|${placeholders.join("|")})+(?<![-.])$`),
      `has characters other than lower-case letters, digits, dashes${dots === "" ? "" : ", dots"} and ${placeholders.join(" or ")}`,
    )
    .default(value)
    .describe(what);
};
/** The setting for a value that the operator takes in a form of its own; see shape.ts. */
export const shape = (
  value: Shape,
  placeholders: { readonly needed: string; readonly others?: readonly string[] },
  what: string,
) => {
  const { needed, others = [] } = placeholders;
  const names = [needed, ...others];
  return z
    .json()
    .refine(
      (given) => {
        const found = placeholdersOf(given);
        return found.includes(needed) && found.every((each) => names.includes(each));
      },
      `does not contain {${needed}}, or has placeholders other than ${names.map((each) => `{${each}}`).join(" and ")}`,
    )
    .default(mutable(value))
    .describe(what);
};
const mutable = (value: Shape): z.core.util.JSONType => JSON.parse(JSON.stringify(value));
export const port = (value: number) => z.number().int().min(1).max(65535).default(value);

/** A key of a Secret's data. */
export const dataKey = z
  .string()
  .regex(/^[-._a-zA-Z0-9]+$/, "has characters other than letters, digits, dots, dashes and underscores");
