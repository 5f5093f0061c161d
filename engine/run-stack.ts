import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import { maskedSentence } from "../topology/secrets/texts.ts";
import { engineError } from "./engine-error.ts";
import { diagnosticText, isScaffold } from "./engine-events.ts";
import type { Interruption } from "./interruption.ts";
import { withStack } from "./lean-stack.ts";
import { parseUrn } from "./urn.ts";

export interface StackRequest {
  /** The project's folder. */
  readonly directory: string;
  readonly stack: string;
  readonly operation: "up" | "preview";
  /** Look at the live objects first: without it the engine takes them to be as it has left them. */
  readonly refresh: boolean;
  /** Ends the run: what is under way is finished, and the state is written. */
  readonly interruption: Interruption;
  /** Gets a line for each resource that is done, and what the engine warns of. */
  readonly onLine: (line: string, kind: "resource" | "warning") => void;
  /** Gets what the engine works on, each time that this changes: `create BigPeer bp1`, oldest first. */
  readonly onWork?: ((steps: readonly string[]) => void) | undefined;
}

/** The outcome of a stack's run. */
export interface StackRun {
  readonly stack: string;
  /** The number of resources that were, or would be, changed. */
  readonly changes: number;
  /** Secrets among them are masked. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly milliseconds: number;
  /** The failure, as the engine reports it. */
  readonly error: string | undefined;
}

/** Runs one stack through Pulumi's Automation API as the CLI would: the same program and configuration, and an update with its preview. */
export async function runStack({
  directory,
  stack: name,
  operation,
  refresh,
  interruption,
  onLine,
  onWork,
}: StackRequest): Promise<StackRun> {
  const began = performance.now();
  const diagnostics: string[] = [];
  const printed: string[] = [];
  let changes = 0;
  let outputs: Record<string, unknown> = {};
  const warnings = new Set<string>();
  const working = new Map<string, string>();
  const onEvent = ({ resourcePreEvent, resOutputsEvent, diagnosticEvent }: EngineEvent) => {
    const event = operation === "preview" ? resourcePreEvent : resOutputsEvent;
    // An update begins with a preview of its own.
    const step = (event?.planning ?? false) === (operation === "preview") ? event?.metadata : undefined;
    if (step?.type === "pulumi:pulumi:Stack") outputs = step.new?.outputs ?? {};
    if (step && isChange(step.op) && !isScaffold(step.type)) {
      changes += 1;
      onLine(stepText(step), "resource");
    }
    const begun = resourcePreEvent?.planning === true ? undefined : resourcePreEvent?.metadata;
    const ended = resOutputsEvent?.planning === true ? undefined : resOutputsEvent?.metadata;
    if (begun && isChange(begun.op) && !isScaffold(begun.type)) working.set(begun.urn, stepText(begun));
    if (working.delete(ended?.urn ?? "") || begun) onWork?.([...working.values()]);
    const message = diagnosticText(diagnosticEvent?.message ?? "");
    if (diagnosticEvent?.severity === "error") diagnostics.push(message);
    if (diagnosticEvent?.severity === "info#err") printed.push(message);
    // An ephemeral message only says that a resource is waited for.
    if (diagnosticEvent?.severity !== "warning" || diagnosticEvent.ephemeral) return;
    if (message.startsWith("using pulumi-") || warnings.has(message)) return;
    warnings.add(message);
    onLine(message, "warning");
  };
  try {
    interruption.requested.throwIfAborted();
    const options = { onEvent, refresh, signal: interruption.engine, color: "never" as const };
    await withStack(name, directory, (stack) => {
      interruption.requested.throwIfAborted();
      return operation === "preview" ? stack.preview(options) : stack.up(options);
    });
    return { stack: name, changes, outputs, milliseconds: performance.now() - began, error: undefined };
  } catch (error) {
    const message = maskedSentence(
      engineError(error, endedUnheard(diagnostics) ? [...diagnostics, ...printed] : diagnostics),
    );
    return { stack: name, changes, outputs, milliseconds: performance.now() - began, error: message };
  }
}

/** True if the program has ended before it could tell the engine why: then only its own standard error does. */
function endedUnheard(diagnostics: readonly string[]): boolean {
  return diagnostics.length > 0 && diagnostics.every((text) => /Program exited with non-zero exit code/.test(text));
}

function stepText({ op, type, urn }: Pick<StepEventMetadata, "op" | "type" | "urn">): string {
  return `${op} ${type.split(":").at(-1)} ${parseUrn(urn).name}`;
}

/** A refresh only looks; what it finds comes again as the change that puts it back. */
function isChange(op: string): boolean {
  return op !== "same" && op !== "read" && op !== "refresh";
}
