import { checkSource } from "../../topology/check.ts";
import type { Plan } from "../../topology/plan/plan.ts";
import { sourceOf } from "../support/files-in-memory.ts";

export interface Judged {
  /** Undefined: the text is refused. */
  readonly plan: Plan | undefined;
  /** The plan as text: two plans with the same text are the same. */
  readonly planned: string;
}

/** @param files the topology first, then what it is made of */
export function judgeFiles(files: Readonly<Record<string, string>>): Judged {
  const { plan } = checkSource(sourceOf(files));
  const planned = JSON.stringify(plan, (_, value: unknown) => (value instanceof Map ? [...value] : value));
  return { plan, planned };
}
