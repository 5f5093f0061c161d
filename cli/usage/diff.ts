import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, markdownOption, withPictureLimits } from "./options.ts";

export function diffUsage(): DocumentedCommand {
  const command = new DocumentedCommand("diff", {
    does: "Show what changes between two topologies, and what it means; needs no cluster and no state",
    examples: [
      ["bigpeer diff main:topologies/dev.yaml topologies/dev.yaml", "this branch against main"],
      ["bigpeer diff stack:dev topologies/dev.yaml", "the file against what the stack has deployed"],
      ["bigpeer diff old.yaml new.yaml --markdown --graph changes.svg > comment.md", "for a pull request"],
    ],
    fine: "nothing stands in the way of the change",
    findings: "the head has new errors, pulumi up would refuse what would be lost, or a side is missing",
  })
    .argument(
      "<base>",
      "topology (file, name, folder, or -), a git revision of one (main:topology.yaml), or what a stack has deployed (stack:dev)",
    )
    .argument("<head>", "the same")
    .addOption(markdownOption())
    .option("--graph [file]", "draw what changes, in the comment and in a file (.svg, .dot, .mmd)");
  return withPictureLimits(command)
    .option("--allow-losses", "exit with 0 even if pulumi up will refuse the losses")
    .option("--allow-missing", "exit with 0 even if a revision lacks the file, as for a new or deleted topology")
    .addOption(jsonOption())
    .action(async (base, head, { app, peer, ...options }) =>
      exitWith((await import("../commands/diff.ts")).diffCommand(base, head, { ...options, apps: app, peers: peer })),
    );
}
