import type { Command } from "commander";
import { bashScript } from "../completion/bash.ts";
import { fishScript } from "../completion/fish.ts";
import { completedCommands } from "../completion/words.ts";
import { zshScript } from "../completion/zsh.ts";

const scripts = { bash: bashScript, fish: fishScript, zsh: zshScript };

/** `bigpeer completion`: the script by which a shell completes a command line. @returns 0 */
export async function completionCommand(shell: keyof typeof scripts, commandLine: Promise<Command>): Promise<number> {
  process.stdout.write(scripts[shell](completedCommands(await commandLine)));
  return 0;
}
