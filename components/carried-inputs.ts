import { type Input, type Output, output } from "@pulumi/pulumi";
import { isPlainObject } from "../topology/plain-object.ts";

/**
 * Values of other resources that pass through the plan unexamined, on their way from a topology to an object: secrets, whatever is passed through,
 * and, in a preview, everything that is not known yet. The plan is pure and does not know Pulumi, so it gets a distinct text in place of each value,
 * and whatever passes an object to the engine replaces the text by the value.
 */
const carried = new Map<string, { readonly value: Output<unknown>; readonly known: boolean }>();

/**
 * Passes a value through the plan.
 * @param text that takes its place; the same text stands for the latest value
 */
export function carry(text: string, value: Output<unknown>, known: boolean): void {
  carried.set(text, { value, known });
}

/** True if every value that a text stands for is known. In a preview, some may be unknown. */
export function isKnownText(text: string | undefined): boolean {
  return textsIn(text ?? "").every((each) => carried.get(each)?.known);
}

/** A text with the values that it stands for. */
export function carriedText(text: string): Input<string> {
  const texts = textsIn(text);
  if (texts.length === 0) return text;
  const values = texts.map((each) => carried.get(each)?.value ?? output(each));
  return output(values).apply((known) =>
    texts.reduce((whole, each, index) => whole.split(each).join(String(known[index])), text),
  );
}

/**
 * A copy of a value in which texts are replaced by what they stand for. A text that stands for a whole value becomes
 * that value, whatever its type.
 */
export function withCarried(value: unknown): unknown {
  if (carried.size === 0) return value;
  if (typeof value === "string") return carried.get(value)?.value ?? carriedText(value);
  if (Array.isArray(value)) return value.map(withCarried);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withCarried(inner)]));
}

function textsIn(text: string): string[] {
  return carried.size === 0 ? [] : [...carried.keys()].filter((each) => text.includes(each));
}

let texts = 0;

/** A text that takes the place of a value wherever plans and names are composed as text. */
export function textOf(value: Input<string | number>): string {
  if (typeof value === "string") return value;
  texts += 1;
  const text = `$(value-${texts})`;
  carry(text, output(value), true);
  return text;
}
