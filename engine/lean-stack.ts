import "../speed/load-pulumi.cjs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, Stack, StackNotFoundError } from "@pulumi/pulumi/automation/index.js";
import { cacheFolder } from "../program/cache-folder.ts";

let command: Promise<PulumiCommand> | undefined;

/**
 * A preview keeps no state, and yet the engine serialises the whole of it after each resource where the state is in a bucket or a folder,
 * and discards it: two thirds of a first preview of 400 custom resources. An update needs it, so that a crash loses nothing.
 */
const withoutCheckpoints = { PULUMI_SKIP_CHECKPOINTS: "true" };

/**
 * Runs previews without checkpoints, and updates with their preview: the Automation API has the engine skip it, although it finds what an
 * update would stumble over half way.
 */
function asUsersRun(command: PulumiCommand): PulumiCommand {
  return new Proxy(command, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== "run" || typeof value !== "function") return value;
      return (args: readonly string[], directory: string, environment: object, ...others: readonly unknown[]) =>
        Reflect.apply(value, target, [
          args.filter((arg) => arg !== "--skip-preview"),
          directory,
          args[0] === "preview" ? { ...environment, ...withoutCheckpoints } : environment,
          ...others,
        ]);
    },
  });
}

/**
 * A stack of an Automation API that starts the CLI once for each operation, as a user does, whether there is such a stack or not. By itself
 * it would also ask for the CLI's version, select the stack, and ask for the outputs twice and for the history: half of what an update
 * without changes takes. Every command names its stack, and the engine's events hold the outputs, secrets masked; to select a stack would
 * also change the one that the user has selected in this project.
 */
export async function leanStack(name: string, directory: string): Promise<Stack> {
  command ??= PulumiCommand.get().then(asUsersRun);
  // Each stack runs the same program, so it need be compiled once.
  const envVars = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(cacheFolder(), "compiled") };
  const workspace = await LocalWorkspace.create({ workDir: directory, pulumiCommand: await command, envVars });
  const quiet = Object.assign(workspace, { selectStack: async () => {}, stackOutputs: async () => ({}) });
  return Object.assign(await Stack.select(name, quiet), { info: async () => undefined });
}

/** Runs something on a stack, which is made if it does not exist. */
export async function withStack(
  name: string,
  directory: string,
  act: (stack: Stack) => Promise<unknown>,
): Promise<void> {
  const stack = await leanStack(name, directory);
  try {
    await act(stack);
  } catch (error) {
    if (!(error instanceof StackNotFoundError)) throw error;
    await stack.workspace.createStack(name);
    await act(stack);
  }
}
