import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, stackOption, topologyArgument } from "./options.ts";

export function pinUsage(): DocumentedCommand {
  return new DocumentedCommand("pin", {
    does: "Give ports to replications that clash, and write them into the topology; no deployed port moves",
    examples: [
      ["bigpeer pin topologies/dev.yaml", "what the last commit has keeps its ports"],
      ["bigpeer pin topologies/dev.yaml --base origin/main:topologies/dev.yaml", "after a merge of two branches"],
      ["bigpeer pin topologies/dev.yaml --base stack:dev", "what a stack has deployed keeps its ports"],
    ],
    fine: "no port clashes any longer",
    findings: "the topology has other errors, or a controller has too few ports",
  })
    .addArgument(topologyArgument())
    .addOption(stackOption())
    .option(
      "--base <topology>",
      "what is deployed: a file, a revision and path, stack:<name>, or none (default: the file in the last commit)",
    )
    .addOption(jsonOption("the pinned ports"))
    .action(async (topology, options) => exitWith((await import("../commands/pin.ts")).pinCommand(topology, options)));
}
