import { type Input, type Output, output } from "@pulumi/pulumi";
import { isPlainObject } from "../topology/plain-object.ts";

/**
 * Values of other resources that the plan carries from a topology to an object without looking at them: secrets, whatever is passed through,
 * and in a preview all that is not known yet. The plan is pure and knows no Pulumi, so to it each of them is a text of its own, and whatever
 * hands an object to the engine puts the value back.
 */
const carried = new Map<string, { readonly value: Output<unknown>; readonly known: boolean }>();

/** Has the plan carry a value.
 * @param text what stands for it; the same text stands for the latest value */
export function carry(text: string, value: Output<unknown>, known: boolean): void {
  carried.set(text, { value, known });
}

/** Whether nothing that a text stands for is still unknown, as it may be in a preview. */
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

/** A copy of a value with what its texts stand for. A text that stands for a value as a whole becomes that value, whatever its type. */
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

/** A text that stands for a value in what is planned and composed as text. */
export function textOf(value: Input<string | number>): string {
  if (typeof value === "string") return value;
  texts += 1;
  const text = `$(value-${texts})`;
  carry(text, output(value), true);
  return text;
}
