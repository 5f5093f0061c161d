import type { z } from "zod";

/** What a finding says about a value that breaks a rule. */
export interface Advice {
  readonly what: string;
  readonly why: string;
  readonly fix: string;
}

/** A check whose failure hands the reason and the remedy to the finding. */
export function advised<T extends z.ZodType>(type: T, holds: (value: z.output<T>) => boolean, advice: Advice) {
  return type.refine(holds, { error: advice.what, params: { why: advice.why, fix: advice.fix } });
}
