import { checkSource } from "../../topology/check.ts";
import { parseSource } from "../../topology/file/source.ts";
import type { Plan } from "../../topology/plan/plan.ts";

export interface Judged {
  /** Undefined: the text is refused. */
  readonly plan: Plan | undefined;
  /** The plan as text: two plans with the same text are the same. */
  readonly planned: string;
}

export function judgeText(text: string): Judged {
  const { plan } = checkSource(parseSource("topology.yaml", text));
  const planned = JSON.stringify(plan, (_, value: unknown) => (value instanceof Map ? [...value] : value));
  return { plan, planned };
}
