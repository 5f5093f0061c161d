import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { live, liveRules } from "../topology/rules/live.ts";
import { maskedSentence } from "../topology/secrets/texts.ts";
import { engineError } from "./engine-error.ts";
import { diagnosticText } from "./engine-events.ts";
import { type EngineStep, StepCollector } from "./engine-steps.ts";
import { leanStack } from "./lean-stack.ts";

/** A preview of one stack: what an update would do, as the engine reports it. */
export interface StackPreview {
  readonly stack: string;
  /** The reason why there is no preview. */
  readonly error?: string | undefined;
  /** The work that the stack cannot do yet, each entry with its reason and the command that resolves it. */
  readonly pending: string[];
  /** The objects of others that it would take over, a sentence for each. */
  readonly takenOver?: string[];
  /** What the program warns of in the clusters and about ports, a sentence for each with what to do. */
  readonly warnings?: string[];
  /** The number of Kubernetes objects that stay as they are. */
  readonly same: number;
  readonly steps: readonly EngineStep[];
}

/** Asks the engine what an update of a stack would do. Nothing is written, and no stack is made.
 * @returns with an error where the engine could not say */
export async function previewStack(request: {
  /** The project's folder. */
  readonly directory: string;
  readonly stack: string;
  /** Look at the live objects first. */
  readonly refresh: boolean;
  readonly signal: AbortSignal;
}): Promise<StackPreview> {
  const collector = new StepCollector();
  const diagnostics: string[] = [];
  const pending: string[] = [];
  const takenOver: string[] = [];
  const warnings = new Set<string>();
  let same = 0;
  const onEvent = (event: EngineEvent) => {
    collector.add(event);
    const { op, type } = event.resourcePreEvent?.metadata ?? {};
    if (op === "same" && type?.startsWith("kubernetes:")) same += 1;
    // Nothing of a debug message may be shown: the engine masks no secret there.
    const { severity, message = "" } = event.diagnosticEvent ?? {};
    const text = diagnosticText(message);
    if (severity === "error") diagnostics.push(text);
    if (severity === "warning" && text.startsWith("pending: ")) pending.push(text.slice("pending: ".length));
    if (severity !== "warning") return;
    takenOver.push(...takeoverIn(text));
    for (const warning of liveWarningIn(text)) warnings.add(warning);
  };
  try {
    const stack = await leanStack(request.stack, request.directory);
    await stack.preview({ onEvent, signal: request.signal, color: "never", refresh: request.refresh });
    return {
      stack: request.stack,
      pending,
      ...(takenOver.length > 0 ? { takenOver } : {}),
      ...(warnings.size > 0 ? { warnings: [...warnings] } : {}),
      same,
      steps: collector.steps,
    };
  } catch (error) {
    const said = engineError(error, diagnostics);
    return { stack: request.stack, error: maskedSentence(said), pending, same, steps: collector.steps };
  }
}

const toldAsWarnings = liveRules.filter(({ id, severity }) => severity === "warning" && id !== live.takenOver.id);

/** What a printed finding of a rule that asks the clusters says is wrong, and what to do about it. */
function liveWarningIn(text: string): string[] {
  const what = whatIsSaid(text, toldAsWarnings);
  if (what === undefined) return [];
  const [, fix] = /^ {2}fix: (.*)/m.exec(text) ?? [];
  return [maskedSentence(fix === undefined ? what : `${what}; ${fix}`)];
}

/** What a printed finding says of an object that is taken over. */
function takeoverIn(text: string): string[] {
  const what = whatIsSaid(text, [live.takenOver]);
  return what === undefined ? [] : [maskedSentence(what)];
}

/** The first line of a printed warning of one of these rules, without the rule; undefined: it is of another one. */
function whatIsSaid(text: string, rules: readonly { readonly id: string }[]): string | undefined {
  const [, id, what] = /^warning (\S+) {2}(.*)/.exec(text) ?? [];
  return rules.some((rule) => rule.id === id) ? what : undefined;
}
