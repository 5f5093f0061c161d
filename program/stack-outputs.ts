import { getOrganization, getProject, getStack, runtime } from "@pulumi/pulumi";

/** The outputs of a stack that exists; the reason why there are none, otherwise. Injected, so that a test can stand in for the engine. */
export type ReadStackOutputs = (name: string) => Promise<Record<string, unknown>>;

/** A stack name as the backend wants it: `<organization>/<project>/<stack>`. */
export function qualified(name: string): string {
  const parts = name.split("/");
  if (parts.length >= 3) return name;
  return parts.length === 2 ? `${getOrganization()}/${name}` : `${getOrganization()}/${getProject()}/${name}`;
}

/** The engine's own function behind a StackReference; other than that, it can be caught when the stack does not exist. */
export const readByEngine: ReadStackOutputs = async (name) => {
  const answer: unknown = await runtime.invoke("pulumi:pulumi:readStackOutputs", { name });
  const outputs = typeof answer === "object" && answer !== null && "outputs" in answer ? answer.outputs : undefined;
  return typeof outputs === "object" && outputs !== null ? { ...outputs } : {};
};

/** Asks for what the running stack has exported after its last update. The engine looks while the program is still being loaded. */
export function askOwnOutputs(): ReadStackOutputs {
  const answer = readByEngine(qualified(getStack()));
  // Whoever waits for it is told; until then a failure is nobody's.
  answer.catch(() => {});
  return () => answer;
}
