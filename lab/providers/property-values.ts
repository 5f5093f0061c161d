/** Property values as the engine sends them to a provider: JSON, in which secrets and values that are not known yet are marked. */

export type PropertyValue = null | boolean | number | string | PropertyValue[] | PropertyBag;
export interface PropertyBag {
  [key: string]: PropertyValue;
}

/** The engine's marks (sdk/nodejs/runtime/rpc.ts of Pulumi). */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isBag(value: PropertyValue | undefined): value is PropertyBag {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSecret(value: PropertyValue): boolean {
  return isBag(value) && value[signatureKey] === secretSignature;
}

/** Marks a value as secret; one that is already stays as it is. */
export function asSecret(value: PropertyValue): PropertyValue {
  return isSecret(value) ? value : { [signatureKey]: secretSignature, value };
}

/** A value without its marks of secrecy, at any depth. */
export function reveal(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return value.map(reveal);
  if (!isBag(value)) return value;
  if (isSecret(value)) return reveal(value.value ?? null);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reveal(inner)]));
}

export function revealBag(bag: PropertyBag): PropertyBag {
  const plain = reveal(bag);
  return isBag(plain) ? plain : {};
}

/** Whether anything in a value is not known yet. */
export function hasUnknown(value: PropertyValue): boolean {
  if (value === unknownValue) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isBag(value) && Object.values(value).some(hasUnknown);
}

/** Marks in `values` what is secret in `marked`, place by place. */
export function keepSecrets(values: PropertyBag, marked: PropertyBag): PropertyBag {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      keepSecret(value, Object.hasOwn(marked, key) ? marked[key] : undefined),
    ]),
  );
}

function keepSecret(value: PropertyValue, marked: PropertyValue | undefined): PropertyValue {
  if (marked === undefined) return value;
  if (isSecret(marked)) return asSecret(value);
  if (isBag(value) && isBag(marked)) return keepSecrets(value, marked);
  if (Array.isArray(value) && Array.isArray(marked)) {
    // Where a list has been reordered or added to, nobody knows which of its values was the secret one.
    if (containsSecret(marked) && value.length !== marked.length) return asSecret(value);
    return value.map((inner, index) => keepSecret(inner, marked[index]));
  }
  return value;
}

function containsSecret(value: PropertyValue): boolean {
  if (Array.isArray(value)) return value.some(containsSecret);
  return isBag(value) && (isSecret(value) || Object.values(value).some(containsSecret));
}

/** A value as plain JSON data: no dates, no undefined members, no class instances. */
export function toPropertyBag(value: object): PropertyBag {
  const plain: unknown = JSON.parse(JSON.stringify(value));
  return isPropertyValue(plain) && isBag(plain) ? plain : {};
}

function isPropertyValue(value: unknown): value is PropertyValue {
  return value === null || ["boolean", "number", "string", "object"].includes(typeof value);
}
