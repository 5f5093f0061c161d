import { bashScript } from "../completion/bash.ts";
import { fishScript } from "../completion/fish.ts";
import { completedCommands } from "../completion/words.ts";
import { zshScript } from "../completion/zsh.ts";
import { commandLine } from "../usage/command-line.ts";

const scripts = { bash: bashScript, fish: fishScript, zsh: zshScript };

/** `bigpeer completion`: the script by which a shell completes this command line. @returns 0 */
export async function completionCommand(shell: keyof typeof scripts): Promise<number> {
  process.stdout.write(scripts[shell](completedCommands(await commandLine())));
  return 0;
}
