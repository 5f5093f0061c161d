import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, stackOption, topologyArgument } from "./options.ts";

export function failoverUsage(): DocumentedCommand {
  return new DocumentedCommand("failover", {
    does: "Replace a hub with a standby in the topology file, so that every spoke dials the standby",
    examples: [
      ["bigpeer failover hub-1 hub-2 topologies/dev.yaml", "hub-2 takes the place of hub-1 in every replication"],
      [
        "bigpeer failover hub-1 hub-2 topologies/dev.yaml --back",
        "hub-1 gets its place back, and the file is as it was before",
      ],
    ],
    fine: "the file was changed, or had been changed already",
    findings: "the standby lacks something, or the topology has errors; nothing was written",
  })
    .argument("<hub>", "the peer to replace; it may be dead")
    .argument("<standby>", "the peer that takes its place")
    .addArgument(topologyArgument())
    .addOption(stackOption())
    .option("--back", "give the hub its place back")
    .addOption(jsonOption("the change"))
    .action(async (hub, standby, topology, options) =>
      exitWith((await import("../commands/failover.ts")).failoverCommand(hub, standby, topology, options)),
    );
}
