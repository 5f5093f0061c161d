import { Argument, type Command } from "commander";
import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";

/** @param commandLine gives the whole command line, whose names the script completes */
export function completionUsage(commandLine: () => Promise<Command>): DocumentedCommand {
  return new DocumentedCommand("completion", {
    does: "Print a script with which a shell completes commands, options, stacks and rules",
    examples: [
      ["source <(bigpeer completion bash)", "in ~/.bashrc"],
      ["bigpeer completion zsh > ~/.zfunc/_bigpeer", "in a folder of $fpath, before compinit"],
      ["bigpeer completion fish > ~/.config/fish/completions/bigpeer.fish", "fish finds it there"],
      ["alias bigpeer='npx bigpeer'", "where the command is not on PATH"],
    ],
    fine: "the script was printed",
  })
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .action(async (shell) => {
      const { completionCommand } = await import("../commands/completion.ts");
      return exitWith(completionCommand(shell, commandLine()));
    });
}
