import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, stackOption, topologyArgument } from "./options.ts";

export function pinUsage(): DocumentedCommand {
  return new DocumentedCommand("pin", {
    does: "Write a port into the topology for each replication that clashes or would lose its deployed port",
    examples: [
      ["bigpeer pin topologies/dev.yaml", "the ports in the last commit stay"],
      ["bigpeer pin topologies/dev.yaml --base origin/main:topologies/dev.yaml", "after a merge of two branches"],
      ["bigpeer pin topologies/dev.yaml --base stack:dev", "the ports that a stack has deployed stay"],
      ["bigpeer pin two-clusters --avoid east:4045,4046", "somebody else has these ports open in east"],
    ],
    fine: "no ports clash any longer, and no deployed port moves",
    findings: "the topology has other errors, or a controller has too few ports",
  })
    .addArgument(topologyArgument())
    .addOption(stackOption())
    .option(
      "--base <topology>",
      "what is deployed: a file, a revision and path, stack:<name>, or none (default: the file in the last commit)",
    )
    .option("--avoid <cluster:ports...>", "ports that somebody else uses in a cluster, such as east:4045,4046")
    .addOption(jsonOption("the pinned ports"))
    .action(async (topology, options) => exitWith((await import("../commands/pin.ts")).pinCommand(topology, options)));
}
