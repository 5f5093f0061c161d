import { z } from "zod";
import { maskedSentence } from "../topology/secrets/texts.ts";

const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(""),
  message: z.string().default(""),
});
const conditions = z.array(condition).default([]);

const statusSchema = z.object({
  status: z
    .object({
      conditions,
      listeners: z.array(z.object({ name: z.string().default(""), conditions })).default([]),
      parents: z.array(z.object({ conditions })).default([]),
      state: z.string().optional(),
      message: z.string().default(""),
    })
    .optional(),
});

/** The conditions of a Gateway, its listeners and routes that have to be true (Gateway API). */
const needed: ReadonlySet<string> = new Set(["Accepted", "Programmed", "ResolvedRefs"]);
/** True where two listeners want one port. */
const conflicted = "Conflicted";

/** What the controller of a Gateway, ListenerSet, TCPRoute or TransportServer says is wrong with it, and nothing where it has said nothing yet. */
export function exposureProblems(object: unknown): string[] {
  const parsed = statusSchema.safeParse(object);
  const status = parsed.success ? parsed.data.status : undefined;
  if (!status) return [];
  const { state, message } = status;
  const listeners = status.listeners.flatMap(({ name, conditions }) =>
    failedOf(conditions).map((each) => `its listener ${name} ${each}`),
  );
  const parents = status.parents.flatMap(({ conditions }) => failedOf(conditions));
  const own = failedOf(status.conditions);
  // A TransportServer has a state in place of conditions.
  const invalid = state === "Invalid" || state === "Warning" ? [`is ${state}${said(message)}`] : [];
  return [...new Set([...own, ...listeners, ...parents, ...invalid])];
}

function failedOf(conditions: readonly z.output<typeof condition>[]): string[] {
  return conditions.flatMap(({ type, status, reason, message }): string[] => {
    const text = said([reason, message].filter((part) => part !== "").join(": "));
    if (type === conflicted && status === "True") return [`is in conflict with another${text}`];
    return needed.has(type) && status === "False" ? [`is not ${type}${text}`] : [];
  });
}

/** The controller's own words, which may quote anything. */
function said(message: string): string {
  return message === "" ? "" : `: ${maskedSentence(message)}`;
}
