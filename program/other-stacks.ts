import { getOrganization, getProject, runtime } from "@pulumi/pulumi";
import { z } from "zod";
import { bare } from "../topology/own-names.ts";
import type { Plan } from "../topology/plan.ts";
import { type StackContract, stackContract } from "./stack-contract.ts";

/** What is known of the stack that owns a cluster, or why nothing is. */
export type OtherStack =
  | { readonly name: string; readonly contract: StackContract; readonly tokens: Readonly<Record<string, string>> }
  | { readonly name: string | undefined; readonly contract: undefined; readonly reason: string; readonly next: string };

/** The outputs of a stack that exists; the reason why there are none, otherwise. Injected, so that a test can stand in for the engine. */
export type ReadStackOutputs = (name: string) => Promise<Record<string, unknown>>;

/** Reads each stack once, however many clusters it owns. A stack that is missing or half deployed is never an error. */
export async function readOtherStacks(
  plan: Plan,
  owned: ReadonlySet<string>,
  read: ReadStackOutputs = readByEngine,
): Promise<ReadonlyMap<string, OtherStack>> {
  const reads = new Map<string, Promise<OtherStack>>();
  const byCluster = [...plan.clusters.values()]
    .filter(({ name }) => !owned.has(name))
    .map(async ({ name: cluster, stack }): Promise<[string, OtherStack]> => {
      if (stack === undefined) {
        const reason = `the topology does not say which stack owns the cluster "${cluster}"`;
        return [
          cluster,
          { name: undefined, contract: undefined, reason, next: `set clusters.${cluster}.stack in the topology` },
        ];
      }
      const reading = reads.get(stack) ?? readStack(stack, read);
      reads.set(stack, reading);
      return [cluster, await reading];
    });
  return new Map(await Promise.all(byCluster));
}

const tokensOutput = z.object({ apps: z.record(z.string(), z.string()) });

/** What a stack has said of itself, or why it has said nothing. */
export async function readStack(name: string, read: ReadStackOutputs = readByEngine): Promise<OtherStack> {
  const next = `pulumi up --stack ${name}`;
  const absent = (reason: string): OtherStack => ({ name, contract: undefined, reason, next });
  let outputs: Record<string, unknown>;
  try {
    outputs = await read(qualified(name));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return absent(
      /unknown stack|not found|no stack named/i.test(message)
        ? `the stack "${name}" does not exist yet`
        : `the stack "${name}" cannot be read: ${message}`,
    );
  }
  if (outputs.topology === undefined) return absent(`the stack "${name}" has no outputs yet`);
  const parsed = stackContract.safeParse(outputs.topology);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = ["topology", ...(issue?.path ?? [])].join(".");
    return absent(
      `the output "${where}" of the stack "${name}" is not what this release reads: ${issue?.message ?? "unknown"}`,
    );
  }
  const tokens = tokensOutput.safeParse(outputs.tokens);
  return { name, contract: parsed.data, tokens: bare(tokens.success ? tokens.data.apps : {}) };
}

/** A stack name as the backend wants it: `<organization>/<project>/<stack>`. */
export function qualified(name: string): string {
  const parts = name.split("/");
  if (parts.length >= 3) return name;
  return parts.length === 2 ? `${getOrganization()}/${name}` : `${getOrganization()}/${getProject()}/${name}`;
}

const engineAnswer = z.object({ outputs: z.record(z.string(), z.unknown()).default({}) });

/** The engine's own function behind a StackReference; other than that, it can be caught when the stack does not exist. */
export const readByEngine: ReadStackOutputs = async (name) => {
  const answer: unknown = await runtime.invoke("pulumi:pulumi:readStackOutputs", { name });
  return engineAnswer.parse(answer).outputs;
};
