import { isDeepStrictEqual } from "node:util";

/**
 * A status with the times of its conditions: that of a condition which says the same as before stays, all others are now. Undefined
 * where nothing but times would change.
 * @param before the status that the object has
 * @param wanted without `lastTransitionTime`
 */
export function withTimes(
  before: unknown,
  wanted: Readonly<Record<string, unknown>>,
  now = new Date(),
): Record<string, unknown> | undefined {
  const stripped = Object.fromEntries(Object.entries(plain(before)).filter(([key]) => key in wanted));
  if (isDeepStrictEqual(withoutTimes(stripped), withoutTimes(plain(wanted)))) return undefined;
  return plain(timed(plain(before), plain(wanted), now.toISOString()));
}

/** As JSON has it: no `undefined`, dates as text. */
function plain(value: unknown): Record<string, unknown> {
  return isRecord(value) ? JSON.parse(JSON.stringify(value)) : {};
}

function timed(before: unknown, wanted: unknown, now: string): unknown {
  if (Array.isArray(wanted)) return wanted.map((each: unknown) => timed(counterpart(before, each), each, now));
  if (!isRecord(wanted)) return wanted;
  const earlier = isRecord(before) ? before : {};
  const inner = Object.fromEntries(
    Object.entries(wanted).map(([key, value]) => [key, timed(earlier[key], value, now)]),
  );
  if (!isCondition(wanted)) return inner;
  const kept = earlier.status === wanted.status ? earlier.lastTransitionTime : undefined;
  return { ...inner, lastTransitionTime: wanted.lastTransitionTime ?? kept ?? now };
}

/** Finds the former value of an entry of a list by its type, its name or its parent. */
function counterpart(before: unknown, entry: unknown): unknown {
  if (!Array.isArray(before) || !isRecord(entry)) return undefined;
  return before.find(
    (each: unknown) =>
      isRecord(each) &&
      ["type", "name", "parentRef", "controllerName"].every((key) => isDeepStrictEqual(each[key], entry[key])),
  );
}

function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "lastTransitionTime")
      .map(([key, inner]) => [key, withoutTimes(inner)]),
  );
}

function isCondition(value: Readonly<Record<string, unknown>>): boolean {
  return "type" in value && "status" in value && "reason" in value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
