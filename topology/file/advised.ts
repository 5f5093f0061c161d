import type { z } from "zod";

/** What a finding says of a value that does not hold. */
export interface Advice {
  readonly what: string;
  readonly why: string;
  readonly fix: string;
}

/** A check whose failure carries the reason and the remedy to the finding. */
export function advised<T extends z.ZodType>(type: T, holds: (value: z.output<T>) => boolean, advice: Advice) {
  return type.refine(holds, { error: advice.what, params: { why: advice.why, fix: advice.fix } });
}
