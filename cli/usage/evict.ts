import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, stackOption, topologyArgument, withSelection } from "./options.ts";

export function evictUsage(): DocumentedCommand {
  const command = new DocumentedCommand("evict", {
    does: "Show what may be evicted where, what would come back, and what a DELETE reaches; needs no cluster",
    examples: [
      ["bigpeer evict topologies/dev.yaml", "every collection on every peer"],
      ["bigpeer evict -s mine --peer bp1 --collection cars", "one collection on one peer"],
    ],
    fine: "the report was printed",
    findings: "the topology has errors",
  })
    .addArgument(topologyArgument())
    .addOption(stackOption());
  return withSelection(command)
    .option("--collection <name>", "only this collection, even if nobody subscribes to it")
    .addOption(jsonOption("the report"))
    .action(async (topology, options) =>
      exitWith((await import("../commands/evict.ts")).evictCommand(topology, options)),
    );
}
