import { engineError } from "./engine-error.ts";
import { readAgainWhileWritten } from "./torn-read.ts";

/** The stacks of one project, as Pulumi's backend holds them. */
export interface StoredStacks {
  /** The outputs of a stack after its last update; each value says whether it is a secret.
   * @throws Error if there is no such stack, or it cannot be read, in the words of `engineError` */
  outputs(stack: string): Promise<unknown>;
  /** The exported state of a stack; undefined: there is no such stack.
   * @throws Error if it cannot be read, in the words of `engineError` */
  state(stack: string): Promise<unknown>;
}

/** Opens the stacks of a project, by the CLI that the user has.
 * @param directory the folder of the Pulumi project
 * @throws Error if they cannot be opened, in the words of `engineError` */
export async function storedStacks(directory: string): Promise<StoredStacks> {
  // Takes half a second to load, and most commands need nothing of it.
  const { LocalWorkspace, Stack, StackNotFoundError } = await import("@pulumi/pulumi/automation/index.js");
  const workspace = await LocalWorkspace.create({ workDir: directory }).catch(explained);
  return {
    outputs: (stack) => readAgainWhileWritten(() => workspace.stackOutputs(stack)).catch(explained),
    state: async (name) => {
      try {
        const read = async () => (await Stack.select(name, workspace)).exportStack();
        return (await readAgainWhileWritten(read)).deployment;
      } catch (error) {
        if (error instanceof StackNotFoundError) return undefined;
        return explained(error);
      }
    },
  };
}

function explained(error: unknown): never {
  throw new Error(engineError(error), { cause: error });
}
