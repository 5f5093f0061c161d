import { mask } from "../secrets/texts.ts";
import { masked } from "../secrets/values.ts";

/** A value that only a deployment knows. */
export class DeploymentValue {
  /** Says in a few words what it will be. */
  readonly text: string;
  readonly #agrees: (live: unknown) => boolean;

  /** @param agrees whether a live value may be the same */
  constructor(text: string, agrees: (live: unknown) => boolean = () => false) {
    this.text = text;
    this.#agrees = agrees;
  }

  agrees(live: unknown): boolean {
    return this.#agrees(live);
  }
}

/** A field that is set to another value. */
export interface OverwrittenField {
  readonly path: readonly string[];
  /** Undefined: the live object does not have the field. */
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * The fields of a live object that applying another one over it would change. What is only in the live object stays: server-side apply
 * takes no field away that somebody else owns. A list of a custom resource is one value.
 */
export function overwrittenFields(
  declared: unknown,
  live: unknown,
  path: readonly string[] = [],
): readonly OverwrittenField[] {
  if (declared === undefined || agree(declared, live)) return [];
  if (!isMapping(declared) || (live !== undefined && !isMapping(live)))
    return isEmpty(declared) && live === undefined ? [] : [{ path, before: live, after: declared }];
  return Object.entries(declared).flatMap(([name, value]) => {
    const found = live && Object.hasOwn(live, name) ? live[name] : undefined;
    return overwrittenFields(value, found, [...path, name]);
  });
}

/** Fields as a report shows them: `spec.version 1.60.0 -> 1.63.2`, secrets masked. */
export function shownOverwritten(
  fields: readonly OverwrittenField[],
  declared: unknown,
  live: unknown,
): readonly string[] {
  const [before, after] = [masked(live), masked(withTexts(declared))];
  return fields.map(({ path, ...field }) => {
    const steps = path.map((step) => (/[.\s]/.test(step) ? `"${step}"` : step)).join(".");
    const old = field.before === undefined ? "(not set)" : shown(valueAt(before, path));
    // The placeholder for a value of the deployment is shown, since it is no secret itself.
    const now = field.after instanceof DeploymentValue ? field.after.text : shown(valueAt(after, path));
    return `${steps} ${old} -> ${now}`;
  });
}

function agree(declared: unknown, live: unknown): boolean {
  if (declared instanceof DeploymentValue) return declared.agrees(live);
  if (Array.isArray(declared))
    return (
      Array.isArray(live) &&
      live.length === declared.length &&
      declared.every((item, index) => agree(item, live[index]))
    );
  if (isMapping(declared))
    return (
      isMapping(live) &&
      Object.keys(live).length === Object.keys(declared).length &&
      Object.entries(declared).every(([name, item]) => Object.hasOwn(live, name) && agree(item, live[name]))
    );
  return declared === live;
}

/** Longer ones say no more to a reader. */
const longest = 160;

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "(not set)");
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** A value around which all is masked has no members any more. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, step) => (isMapping(inner) && Object.hasOwn(inner, step) ? inner[step] : mask),
    value,
  );
}

function withTexts(value: unknown): unknown {
  if (value instanceof DeploymentValue) return value.text;
  if (Array.isArray(value)) return value.map(withTexts);
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withTexts(inner)]));
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof DeploymentValue);
}

/** An empty list or mapping sets nothing where there is nothing. */
function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isMapping(value) && Object.keys(value).length === 0;
}
