import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { stackOption, topologyArgument } from "./options.ts";

export function expandUsage(): DocumentedCommand {
  return new DocumentedCommand("expand", {
    does: "Print a topology with its includes, families of sites, defaults and label selectors written out",
    examples: [
      ["bigpeer expand topologies/fleet.yaml", "the whole topology, as one YAML file"],
      [
        "bigpeer expand topologies/fleet.yaml --entry peers.shop-17",
        "one entry alone, and the lines that it comes from",
      ],
      [
        "git diff --quiet origin/main -- $(bigpeer expand topologies/fleet.yaml --files)",
        "has any of its files changed?",
      ],
    ],
    fine: "the topology, the entry or the files were printed",
    findings: "the topology cannot be expanded",
  })
    .addArgument(topologyArgument())
    .addOption(stackOption())
    .option("--files", "print only the files and folders that it consists of, one per line")
    .option("--entry <path>", "print one entry alone, such as replications.stock")
    .option("--allow-plain-secrets", "print the topology even if it contains a secret in plain text")
    .action(async (topology, options) =>
      exitWith((await import("../commands/expand.ts")).expandCommand(topology, options)),
    );
}
