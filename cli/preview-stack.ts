import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { StepCollector } from "../preview/engine-steps.ts";
import type { StackSteps } from "../preview/fold.ts";
import { engineError } from "../program/engine-error.ts";
import { live } from "../topology/rules/live.ts";
import { maskedSentence } from "../topology/secrets/texts.ts";
import { leanStack } from "./lean-stack.ts";

/** Asks the engine what an update of a stack would do. Nothing is written, and no stack is made.
 * @returns with an error where the engine could not say */
export async function previewStack(request: {
  /** The project's folder. */
  readonly directory: string;
  readonly stack: string;
  /** Look at the live objects first. */
  readonly refresh: boolean;
  readonly signal: AbortSignal;
}): Promise<StackSteps> {
  const collector = new StepCollector();
  const diagnostics: string[] = [];
  const pending: string[] = [];
  const takenOver: string[] = [];
  let same = 0;
  const onEvent = (event: EngineEvent) => {
    collector.add(event);
    const { op, type } = event.resourcePreEvent?.metadata ?? {};
    if (op === "same" && type?.startsWith("kubernetes:")) same += 1;
    // Nothing of a debug message may be shown: the engine masks no secret there.
    const { severity, message = "" } = event.diagnosticEvent ?? {};
    const text = message.replace(/<\{%[^%]*%\}>/g, "").trim();
    if (severity === "error") diagnostics.push(text);
    if (severity === "warning" && text.startsWith("pending: ")) pending.push(text.slice("pending: ".length));
    if (severity === "warning") takenOver.push(...takeoverIn(text));
  };
  try {
    const stack = await leanStack(request.stack, request.directory);
    await stack.preview({ onEvent, signal: request.signal, color: "never", refresh: request.refresh });
    return {
      stack: request.stack,
      pending,
      ...(takenOver.length > 0 ? { takenOver } : {}),
      same,
      steps: collector.steps,
    };
  } catch (error) {
    const said = engineError(error, diagnostics);
    return { stack: request.stack, error: maskedSentence(said), pending, same, steps: collector.steps };
  }
}

/** What a printed finding says of an object that is taken over: its first line, without the rule. */
function takeoverIn(text: string): string[] {
  const [, said] = new RegExp(`^warning ${live.takenOver.id} {2}(.*)`).exec(text) ?? [];
  return said === undefined ? [] : [maskedSentence(said)];
}
