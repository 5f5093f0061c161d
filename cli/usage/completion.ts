import { Argument } from "commander";
import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";

export function completionUsage(): DocumentedCommand {
  return new DocumentedCommand("completion", {
    does: "Print a script by which a shell completes commands, options, stacks and rules",
    examples: [
      ["source <(bigpeer completion bash)", "in ~/.bashrc"],
      ["bigpeer completion zsh > ~/.zfunc/_bigpeer", "in a folder of $fpath, before compinit"],
      ["bigpeer completion fish > ~/.config/fish/completions/bigpeer.fish", "fish finds it there"],
      ["alias bigpeer='npx bigpeer'", "where the command is not on PATH"],
    ],
    fine: "the script was printed",
  })
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .action(async (shell) => exitWith((await import("../commands/completion.ts")).completionCommand(shell)));
}
