import { join } from "node:path";
import { type EngineEvent, LocalWorkspace } from "@pulumi/pulumi/automation/index.js";

export interface StackRequest {
  /** The project's folder. */
  readonly directory: string;
  readonly configDirectory: string;
  readonly stack: string;
  readonly operation: "up" | "preview";
  /** Gets a line for each resource that is done. */
  readonly onLine: (line: string) => void;
}

/** How a stack's run ended. */
export interface StackRun {
  readonly stack: string;
  /** How many resources were, or would be, changed. */
  readonly changes: number;
  /** Secrets among them are masked. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly milliseconds: number;
  /** What went wrong, as the engine says it. */
  readonly error: string | undefined;
}

/** Runs one stack through Pulumi's Automation API, with the same program and configuration as the CLI. */
export async function runStack({
  directory,
  configDirectory,
  stack: name,
  operation,
  onLine,
}: StackRequest): Promise<StackRun> {
  const began = performance.now();
  const diagnostics: string[] = [];
  let changes = 0;
  let outputs: Record<string, unknown> = {};
  const onEvent = (event: EngineEvent) => {
    const step = event.resourcePreEvent?.metadata;
    if (step && step.op !== "same" && step.op !== "read" && step.type !== "pulumi:pulumi:Stack") {
      changes += 1;
      onLine(`${step.op} ${step.urn.split("::").at(-1)}`);
    }
    const { diagnosticEvent } = event;
    if (diagnosticEvent?.severity === "error")
      diagnostics.push(diagnosticEvent.message.replace(/<\{%[^%]*%\}>/g, "").trim());
    if (diagnosticEvent?.severity === "warning") onLine(diagnosticEvent.message.replace(/<\{%[^%]*%\}>/g, "").trim());
  };
  try {
    const workspace = await LocalWorkspace.create({ workDir: directory });
    const configFile = join(configDirectory, `Pulumi.${name}.yaml`);
    const stack = await (await import("@pulumi/pulumi/automation/index.js")).Stack.createOrSelect(name, workspace);
    const options = { onEvent, configFile, color: "never" as const };
    if (operation === "preview") await stack.preview(options);
    else outputs = plainOutputs((await stack.up(options)).outputs);
    return { stack: name, changes, outputs, milliseconds: performance.now() - began, error: undefined };
  } catch (error) {
    const message =
      diagnostics.length > 0 ? diagnostics.join("\n") : error instanceof Error ? error.message : String(error);
    return { stack: name, changes, outputs, milliseconds: performance.now() - began, error: message };
  }
}

function plainOutputs(outputs: Readonly<Record<string, { value: unknown; secret: boolean }>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(outputs).map(([key, { value, secret }]) => [key, secret ? "[secret]" : value]),
  );
}
