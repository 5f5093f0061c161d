import { getOrganization, getProject, getStack, runtime } from "@pulumi/pulumi";
import { readAgainWhileWritten } from "../engine/torn-read.ts";

/**
 * The outputs of a stack that exists, or the reason why there are none. It is injected, so that a test can stand in for
 * the engine.
 */
export type ReadStackOutputs = (name: string) => Promise<Record<string, unknown>>;

/** A stack name as the backend wants it: `<organization>/<project>/<stack>`. */
export function qualified(name: string): string {
  const parts = name.split("/");
  if (parts.length >= 3) return name;
  return parts.length === 2 ? `${getOrganization()}/${name}` : `${getOrganization()}/${getProject()}/${name}`;
}

/**
 * The engine's own function behind a StackReference. Unlike a StackReference, it can be caught when the stack does not
 * exist.
 */
export const readByEngine: ReadStackOutputs = (name) => askEngine("readStackOutputs", "name", name);

/** What the engine knows of all resources in the state of a stack, by their URNs. */
export const readResourcesByEngine: ReadStackOutputs = (name) =>
  askEngine("readStackResourceOutputs", "stackName", name);

/**
 * A bucket in the layout of Pulumi before 3.61 (`PULUMI_SELF_MANAGED_STATE_LEGACY_LAYOUT`) has no projects, and refuses
 * a name that has one. The words are those of `tokens.ParseStackName` in Pulumi's SDK.
 */
const knowsNoProjects = /a stack name may only contain/;

async function askEngine(question: string, key: string, name: string): Promise<Record<string, unknown>> {
  const ask = (stack: string): Promise<unknown> =>
    readAgainWhileWritten(() => runtime.invoke(`pulumi:pulumi:${question}`, { [key]: stack }));
  const answer = await ask(name).catch((error: unknown) => {
    const bare = name.split("/").at(-1) ?? name;
    if (bare === name || !knowsNoProjects.test(error instanceof Error ? error.message : String(error))) throw error;
    return ask(bare);
  });
  const outputs = typeof answer === "object" && answer !== null && "outputs" in answer ? answer.outputs : undefined;
  // Treating this as a stack without outputs would mean treating a stack that owns objects as one that owns none.
  if (typeof outputs !== "object" || outputs === null)
    throw new Error(`the engine answered ${question} without outputs`);
  return { ...outputs };
}

let asked: Promise<Record<string, unknown>> | undefined;

/**
 * Asks for the outputs of the running stack after its last update. The engine looks for them while the program is still
 * being loaded.
 */
export function askOwnOutputs(): void {
  asked = readByEngine(qualified(getStack()));
  // A failure reaches whoever awaits the promise. Until somebody does, it must not count as unhandled.
  asked.catch(() => {});
}

/** The outputs of the running stack after its last update, asked for once. */
export function ownOutputs(): ReadStackOutputs {
  if (!asked) askOwnOutputs();
  const answer = asked ?? Promise.resolve({});
  asked = undefined;
  return () => answer;
}
