import type { Path } from "../findings/finding.ts";
import { isPlainObject } from "../plain-object.ts";
import { isDescription, isReference, isSecretName } from "./names.ts";
import { isFilledInLater, mask, maskedText, secretSpans } from "./texts.ts";

/** A secret in a value. */
export interface FoundSecret {
  readonly path: Path;
  /** The text or number that is the secret, or that has one in it. */
  readonly value: string | number;
  /** True if the whole value is the secret, by its name; else a part of the text is. */
  readonly whole: boolean;
}

/**
 * The way in which a value is judged. `open`: by its name and its text. `secret`: it stands below the name of a secret. `reference`:
 * names there are names of Secrets and of their keys. `queries`: names are of collections, and texts are DQL.
 */
export type Scope = "open" | "secret" | "reference" | "queries";

/** Every secret of a value, by names and by texts. `path` is where the value is. */
export function* secretsIn(value: unknown, path: Path = [], scope: Scope = "open"): Iterable<FoundSecret> {
  if (typeof value !== "object" || value === null) {
    if (typeof value !== "string" && typeof value !== "number") return;
    const whole = isWhole(value, path.at(-1), scope);
    if (whole || hasSecret(value, scope)) yield { path, value, whole };
    return;
  }
  for (const [key, inner, at] of members(value))
    yield* secretsIn(inner, [...path, at], scopeOf(value, key, inner, scope));
}

/** A value as a report shows it: a copy without its secrets. */
export function masked(value: unknown, scope: Scope = "open"): unknown {
  return withSecretsAs(({ value: secret, whole }) => (whole ? mask : maskedText(String(secret))), value, scope);
}

/** A copy of a value with something else for each text or number that is a secret, or that has one in it. */
export function withSecretsAs(
  instead: (found: Omit<FoundSecret, "path">) => unknown,
  value: unknown,
  scope: Scope = "open",
  key?: string | number,
): unknown {
  if (typeof value === "string" || typeof value === "number") {
    const whole = isWhole(value, key, scope);
    return whole || hasSecret(value, scope) ? instead({ value, whole }) : value;
  }
  if (Array.isArray(value))
    return members(value).map(([name, inner, at]) =>
      withSecretsAs(instead, inner, scopeOf(value, name, inner, scope), at),
    );
  // Values that are no data, such as those that a deployment gives later, stay what they are.
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    members(value).map(([name, inner]) => [
      name,
      withSecretsAs(instead, inner, scopeOf(value, name, inner, scope), name),
    ]),
  );
}

function members(value: object): [key: string, inner: unknown, at: string | number][] {
  if (Array.isArray(value)) return value.map((inner: unknown, index) => [String(index), inner, index]);
  return Object.entries(value).map(([key, inner]) => [key, inner, key]);
}

/** True if all of a text or number is a secret: it is called like one, or stands below what is. */
function isWhole(value: string | number, key: string | number | undefined, scope: Scope): boolean {
  if (scope !== "secret") return false;
  // A count is not a secret: `maxTokens: 100`.
  if (typeof value === "number")
    return typeof key === "string" && (/^value$/i.test(key) || isSecretName(key)) && !/s$/i.test(key);
  return value !== "" && !isFilledInLater(value);
}

/** A kubeconfig may be given as a path, which anybody may read. */
function isPathOfKubeconfig(name: string, value: unknown): boolean {
  return /kubeconfig$/i.test(name) && typeof value === "string" && !/[\n{]/.test(value);
}

function hasSecret(value: string | number, scope: Scope): boolean {
  return typeof value === "string" && scope !== "queries" && secretSpans(value).length > 0;
}

/** The way in which a member is judged, from its holder, its name and its value. */
function scopeOf(holder: object, key: string, inner: unknown, scope: Scope): Scope {
  if (scope === "reference" || scope === "queries") return scope;
  if (key === "queriesByCollection") return "queries";
  if (Array.isArray(holder)) return followsOption(holder, Number(key)) ? "secret" : scope;
  if (isReference(key)) return "reference";
  // The action of a TransportServer of F5 NGINX holds the name of one of its upstreams.
  if (key === "action" && "upstreams" in holder) return "reference";
  if (isPathOfKubeconfig(key, inner)) return scope;
  if (isSecretName(key) && !namesKeyOfSecret(holder, key)) return isReferenceValue(inner) ? "reference" : "secret";
  // An environment variable, a header, an option of a connector: `name` says what `value` is.
  if (/^values?$/i.test(key) && isNamedSecret(holder)) return isReferenceValue(inner) ? "reference" : "secret";
  return scope === "secret" && isDescription(key) ? "open" : scope;
}

/** `["--password", "…"]`. */
function followsOption(list: readonly unknown[], index: number): boolean {
  const before = list[index - 1];
  return typeof before === "string" && /^--?[A-Za-z][\w.-]*$/.test(before) && isSecretName(before);
}

function isNamedSecret(holder: object): boolean {
  return Object.entries(holder).some(
    ([key, name]) =>
      /^(?:name|key|header|property)$/i.test(key) &&
      typeof name === "string" &&
      isSecretName(name) &&
      !isPathOfKubeconfig(name, Reflect.get(holder, "value")),
  );
}

/** `{ secretName: s3, secretKey: secret-key }`: what stands there is the name of a key in that Secret. */
function namesKeyOfSecret(holder: object, key: string): boolean {
  return (
    /key$/i.test(key) &&
    Object.keys(holder).some((name) => /^(?:existing)?secret(?:name|ref)?$/i.test(name) && name !== key)
  );
}

const referenceKeys = new Set([
  "name",
  "key",
  "namespace",
  "optional",
  "certificate",
  "secretName",
  "secretKey",
  "items",
  "config",
]);

/** `password: { name: kafka, key: password }`, and the topology's own `token: { config: playgroundToken }`. */
function isReferenceValue(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  return (
    ["name", "secretName", "config"].some((key) => keys.includes(key)) && keys.every((key) => referenceKeys.has(key))
  );
}
