import { z } from "zod";
import { maskedSentence } from "../topology/secrets/texts.ts";

/** A condition of a live object. */
export interface LiveCondition {
  readonly holds: boolean;
  readonly message: string;
  /** When it last changed. */
  readonly since: Date | undefined;
}

const conditionsSchema = z.object({
  status: z.object({
    conditions: z.array(
      z.object({
        type: z.string(),
        status: z.string(),
        reason: z.string().default(""),
        message: z.string().default(""),
        lastTransitionTime: z.coerce.date().optional(),
      }),
    ),
  }),
});

/** Whether an object is ready and connected, as far as its operator says (release notes: since 0.17.0). */
export function liveConditions(
  object: unknown,
  readyCondition: string,
): { ready: LiveCondition | undefined; connected: LiveCondition | undefined } {
  const parsed = conditionsSchema.safeParse(object);
  const find = (type: string): LiveCondition | undefined => {
    const found = parsed.success ? parsed.data.status.conditions.find((each) => each.type === type) : undefined;
    if (!found) return undefined;
    const message = [found.reason, found.message].filter((part) => part !== "").join(": ");
    // The operator's own words, which may quote what it could not connect to.
    return { holds: found.status === "True", message: maskedSentence(message), since: found.lastTransitionTime };
  };
  return { ready: find(readyCondition), connected: find("Connected") };
}
