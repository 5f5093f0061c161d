import { changedPaths, type EngineStep, overlap } from "../engine/engine-steps.ts";
import { holds, secretText, unknownText } from "../engine/engine-values.ts";
import { fieldChanges } from "../topology/diff/object-changes.ts";
import { valueAt } from "../topology/value-at.ts";
import { type Expected, matches, onlyDeploymentKnows, resourceKey } from "./expected.ts";

/**
 * The cause of a step of the engine. `topology`: the topology changes so. `drift`: somebody has changed the live object.
 * `undeployed`: the base says the same already, and was not deployed. `value`: something that only the deployment knows, or a
 * secret, has changed. `engine`: none of these.
 */
export type Cause = "topology" | "drift" | "undeployed" | "value" | "engine";

export interface ExplainedField {
  readonly path: readonly string[];
  readonly before: unknown;
  readonly after: unknown;
  readonly cause: Cause;
}

export interface Explanation {
  /** The first cause that is not the topology, if any field has one. */
  readonly cause: Cause;
  /** The changed fields of an update or a replacement. */
  readonly fields: readonly ExplainedField[];
}

/** The inputs that the topology declares for one resource, now and, where that is compared, before. */
export interface Wanted {
  readonly head: ReadonlyMap<string, Expected>;
  /** Undefined: what the stack's last update made is compared instead. */
  readonly base: ReadonlyMap<string, Expected> | undefined;
}

/** Says why the engine would do a step. */
export function explain(step: EngineStep, { head, base }: Wanted): Explanation {
  const key = resourceKey(step);
  const wanted = head.get(key);
  const wantedBefore = base?.get(key);
  if (step.action === "create") {
    if (step.last !== undefined && step.live === undefined) return { cause: "drift", fields: [] };
    if (!wanted) return { cause: "engine", fields: [] };
    return { cause: wantedBefore ? "undeployed" : "topology", fields: [] };
  }
  if (step.action === "delete") {
    if (wanted) return { cause: "engine", fields: [] };
    return { cause: base && !wantedBefore ? "undeployed" : "topology", fields: [] };
  }
  const fields = changedPaths(step).map((path) => fieldOf(step, path, wanted, base && { wanted: wantedBefore }));
  if (fields.length === 0) return { cause: "engine", fields };
  return { cause: fields.find(({ cause }) => cause !== "topology")?.cause ?? "topology", fields };
}

function fieldOf(
  { last, live, next }: EngineStep,
  path: readonly string[],
  wanted: Expected | undefined,
  base: { readonly wanted: Expected | undefined } | undefined,
): ExplainedField {
  const [before, found, after] = [valueAt(last, path), valueAt(live, path), valueAt(next, path)];
  const now = valueAt(wanted?.inputs, path);
  return { path, before: found, after, cause: cause() };

  function cause(): Cause {
    // Also where the topology changes the same field: what somebody did by hand is overwritten.
    if (JSON.stringify(before) !== JSON.stringify(found)) return "drift";
    if (wanted && base) {
      const changes = fieldChanges(base.wanted?.inputs, wanted.inputs);
      if (changes.some((change) => overlap(change.path, path))) return "topology";
    } else if (wanted && matches(now, after) && !matches(now, before)) return "topology";
    if (
      onlyDeploymentKnows(now) ||
      [found, after].some((value) => holds(value, secretText) || holds(value, unknownText))
    )
      return "value";
    return base && wanted && now !== undefined && matches(now, after) ? "undeployed" : "engine";
  }
}
