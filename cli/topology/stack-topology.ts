import { z } from "zod";
import { storedStacks } from "../../engine/stored-stacks.ts";
import { UsageError } from "../usage-error.ts";

const declaredOutput = z.object({ declared: z.object({ value: z.string() }) });

/** What a stack has exported after its last update.
 * @param project the folder of the Pulumi project
 * @throws UsageError if there is no such stack, or if it cannot be read */
export async function stackOutputs(stack: string, project: string): Promise<unknown> {
  return storedStacks(project)
    .then((stored) => stored.outputs(stack))
    .catch((error: unknown) => {
      throw new UsageError(`the stack ${stack} cannot be read: ${error instanceof Error ? error.message : error}`);
    });
}

/** The topology file that a stack was last updated from, as it was then: the stack's output `declared`.
 * @param project the folder of the Pulumi project
 * @throws UsageError if there is no such stack, if it cannot be read, or if it was never updated */
export async function deployedTopology(stack: string, project: string): Promise<string> {
  const parsed = declaredOutput.safeParse(await stackOutputs(stack, project));
  if (!parsed.success)
    throw new UsageError(
      `the stack ${stack} does not say what it was deployed from: it has not been updated yet, or an earlier release has updated it; run pulumi up --stack ${stack}, or compare with a git revision`,
    );
  return parsed.data.declared.value;
}
