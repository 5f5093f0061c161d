import { z } from "zod";

/**
 * What happens in a `bigpeer deploy`, as `--events` prints it: one JSON object a line. `version` changes when a field changes its meaning
 * or goes; new events and fields may come.
 */

const wave = z.string().describe("Name of the wave; absent where the topology has none.").optional();
const stack = z.string().describe("Name of the stack.");
const count = z.number().int().nonnegative();
const milliseconds = count.describe("How long it took.");

const kinds = [
  z.strictObject({
    event: z.literal("waves").describe("The first event: the waves in their order, including empty ones."),
    waves: z.array(
      z.strictObject({
        name: z.string(),
        stacks: z.array(z.string()),
        rest: z.boolean().describe("True for the stacks that no wave of the topology selects."),
      }),
    ),
  }),
  z.strictObject({
    event: z.literal("wave").describe("A wave begins or ends."),
    wave: z.string(),
    state: z.enum(["started", "unchanged", "done", "failed", "not started"]),
    stacks: z.array(z.string()).optional().describe("The stacks that are updated; only when the wave begins."),
    at: z.enum(["check", "update", "verify"]).optional().describe("The part that failed."),
  }),
  z.strictObject({
    event: z.literal("finding").describe("What the check of the clusters before a wave has found."),
    wave: z.string(),
    stack,
    severity: z.enum(["error", "warning", "note"]),
    rule: z.string(),
    text: z.string(),
  }),
  z.strictObject({
    event: z.literal("stack").describe("The update of a stack begins or ends."),
    wave,
    stack,
    state: z.enum(["running", "done", "pending", "failed", "not started"]),
    pass: count.describe("1 for the first run of a stack in its wave."),
    changes: count.optional(),
    milliseconds: milliseconds.optional(),
    error: z.string().optional().describe("Secrets are masked."),
    pending: z.array(z.string()).optional().describe("What it could not do yet."),
  }),
  z.strictObject({
    event: z.literal("resource").describe("One resource of a stack is done."),
    wave,
    stack,
    text: z.string(),
  }),
  z.strictObject({
    event: z.literal("warning").describe("The engine, or the program of a stack, warns of something."),
    wave,
    stack,
    text: z.string(),
  }),
  z.strictObject({
    event: z
      .literal("waiting")
      .describe("What the engine works on, or waits for, in a stack; empty when the update is about to end."),
    wave,
    stack,
    steps: z.array(z.string()),
  }),
  z.strictObject({
    event: z.literal("verify").describe("The documents of a wave are probed."),
    wave: z.string(),
    state: z.enum(["started", "running", "passed", "failed"]),
    probes: count.describe("How many there are."),
    ended: count.describe("How many of them have ended."),
    failed: count,
  }),
] as const;

const end = z.looseObject({
  event: z.literal("end").describe("The last event: the report that `--json` prints."),
  done: z.boolean(),
});

/** What happens, and when. */
const happening = z.discriminatedUnion("event", kinds);
const stamp = z.object({ version: z.literal(1), time: z.iso.datetime() });

/** One line of `--events`. */
export const deployEvent = z
  .looseObject({})
  .transform(({ version, time, ...event }): unknown => ({ stamp: { version, time }, event }))
  .pipe(z.object({ stamp, event: z.union([happening, end]) }))
  .transform(({ stamp: when, event }) => ({ ...when, ...event }));

/** Something that happens, without its time. */
export type DeployEvent = z.infer<typeof happening>;

/** Gets what happens as it happens. */
export interface Progress {
  on(event: DeployEvent): void;
  /** Takes away what is shown only while it lasts. */
  stop(): void;
}
