import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, stackOption, topologyArgument, withPeerAccess } from "./options.ts";

export function migrateUsage(): DocumentedCommand {
  const command = new DocumentedCommand("migrate", {
    does: "Move the documents of one peer to another: print the topology after the next step",
    examples: [
      ["bigpeer migrate bp1 bp3 topologies/dev.yaml", "print the topology after the next step"],
      ["bigpeer migrate bp1 bp3 topologies/dev.yaml --write", "change the file"],
      ["bigpeer migrate bp1 bp3 topologies/dev.yaml --compare", "have all documents arrived?"],
    ],
    fine: "the next step was printed or written, or no document is missing (--compare)",
    findings: "documents are missing (--compare), or the topology has errors",
  })
    .argument("<from>", "the peer to remove")
    .argument("<to>", "the peer that takes its place; if the topology lacks it, it is declared like the old one")
    .addArgument(topologyArgument())
    .addOption(stackOption())
    .option("--cluster <name>", "cluster of a new peer (default: the old peer's cluster)")
    .option("--collection <name...>", "collections of its apps that the topology does not name")
    .option("--write", "change the file")
    .option("--compare", "only check whether all documents have arrived; exit with 1 if not");
  return withPeerAccess(command)
    .addOption(jsonOption())
    .action(async (from, to, topology, options) =>
      exitWith((await import("../commands/migrate.ts")).migrateCommand(from, to, topology, options)),
    );
}
