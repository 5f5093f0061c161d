/**
 * The layers of a link, in the order in which each needs those before it. What exposes a target is judged before its name and its port are
 * looked up: where an entry is missing, nothing listens, and the entry is the cause.
 */
export const layers = [
  "objects",
  "conditions",
  "app ID",
  "exposure",
  "DNS",
  "TCP",
  "TLS",
  "subscription",
  "document",
] as const;

export type Layer = (typeof layers)[number];

/** The documents that flow over a link in one direction. */
export interface Direction {
  readonly from: string;
  readonly to: string;
}

/** What was found of one layer of a link. */
export interface Verdict {
  readonly layer: Layer;
  /** `unknown`: it cannot be judged from here. `not tried`: a layer before it is broken. */
  readonly state: "holds" | "broken" | "unknown" | "not tried";
  /** One or more sentences, without a full stop at the end. */
  readonly what: string;
  /** The command, or the edit, that mends it, where it is broken; or what would show more, where it is unknown. */
  readonly mend?: string | undefined;
  /** True if it is what the operator reports of a fault that another layer has: it is named only if no other layer is broken. */
  readonly symptom?: true | undefined;
  /** Where it is about the documents of one direction. */
  readonly direction?: Direction | undefined;
}

export function holds(layer: Layer, what: string): Verdict {
  return { layer, state: "holds", what };
}

export function broken(layer: Layer, what: string, mend: string): Verdict {
  return { layer, state: "broken", what, mend };
}

/** @param mend what would show more */
export function unknown(layer: Layer, what: string, mend?: string): Verdict {
  return { layer, state: "unknown", what, mend };
}

/** The layer to mend: the first that is broken; what is only a symptom comes after all others. */
export function firstBroken(verdicts: readonly Verdict[]): Verdict | undefined {
  const all = verdicts.filter(({ state }) => state === "broken");
  return all.find(({ symptom }) => symptom === undefined) ?? all[0];
}
