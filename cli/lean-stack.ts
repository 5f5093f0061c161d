import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation/index.js";
import { z } from "zod";
import { cacheFolder } from "../program/cache-folder.ts";

const run = promisify(execFile);
/** Outputs hold a certificate of each Big Peer. */
const maxBuffer = 64 * 1024 ** 2;
let command: Promise<PulumiCommand> | undefined;
const outputsSchema = z.record(z.string(), z.unknown());

/**
 * A stack of the Automation API that starts the CLI less often: around each update it would ask for the CLI's version, for the
 * outputs twice and for the history, which is a third of what an update without changes takes. The version is asked for once,
 * the history is not, and secret outputs stay masked.
 */
export async function leanStack(name: string, directory: string): Promise<Stack> {
  command ??= PulumiCommand.get();
  // Each stack runs the same program, so it need be compiled once.
  const envVars = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(cacheFolder(), "compiled") };
  const workspace = await LocalWorkspace.create({ workDir: directory, pulumiCommand: await command, envVars });
  const stackOutputs = async (stack: string) => {
    const args = ["stack", "output", "--json", "--stack", stack];
    const { stdout } = await run("pulumi", args, { cwd: directory, env: { ...process.env, ...envVars }, maxBuffer });
    const outputs = outputsSchema.parse(JSON.parse(stdout));
    return Object.fromEntries(
      Object.entries(outputs).map(([key, value]) => [key, { value, secret: value === "[secret]" }]),
    );
  };
  const stack = await Stack.createOrSelect(name, Object.assign(workspace, { stackOutputs }));
  return Object.assign(stack, { info: async () => undefined });
}
