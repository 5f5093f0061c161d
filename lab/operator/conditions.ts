import { z } from "zod";

/** A Kubernetes condition, without the time at which it came about. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
}

const statusSchema = z.looseObject({
  observedGeneration: z.number().optional(),
  conditions: z
    .array(
      z.looseObject({
        type: z.string(),
        status: z.string(),
        reason: z.string(),
        message: z.string(),
        lastTransitionTime: z.coerce.string().optional(),
      }),
    )
    .default([]),
});

/** The status to write; undefined where it says the same already. A condition's time moves only with its status. */
export function nextStatus(before: unknown, wanted: readonly Condition[], generation: number): object | undefined {
  const parsed = statusSchema.safeParse(before ?? {});
  const status = parsed.success ? parsed.data : { observedGeneration: undefined, conditions: [] };
  const same =
    status.observedGeneration === generation &&
    status.conditions.length === wanted.length &&
    wanted.every((condition) =>
      status.conditions.some(
        ({ type, status: value, reason, message }) =>
          type === condition.type &&
          value === condition.status &&
          reason === condition.reason &&
          message === condition.message,
      ),
    );
  if (same) return undefined;
  const now = new Date().toISOString();
  const conditions = wanted.map((condition) => {
    const earlier = status.conditions.find(({ type }) => type === condition.type);
    const kept = earlier?.status === condition.status ? earlier.lastTransitionTime : undefined;
    return { ...condition, observedGeneration: generation, lastTransitionTime: kept ?? now };
  });
  return { observedGeneration: generation, conditions };
}

export function condition(type: string, holds: boolean, reason: string, message = ""): Condition {
  return { type, status: holds ? "True" : "False", reason, message };
}
