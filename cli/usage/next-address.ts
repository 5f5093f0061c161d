import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, stackOption, topologyArgument } from "./options.ts";

export function nextAddressUsage(): DocumentedCommand {
  return new DocumentedCommand("next-address", {
    does: "Dial the next address of a target in the topology file, where the file lists several",
    examples: [
      ["bigpeer next-address bp2 topologies/dev.yaml", "the second address of bp2 is dialled, wherever a list has one"],
      ["bigpeer next-address bp2 topologies/dev.yaml --back", "the first one is dialled again"],
      ["bigpeer next-address bp2 topologies/dev.yaml --replication blue-cars", "only in this replication"],
      [
        "bigpeer next-address west topologies/dev.yaml",
        "the next way of exposing targets of cluster west, for all its peers",
      ],
    ],
    fine: "the file has been changed",
    findings: "the topology has errors; nothing was written",
  })
    .argument(
      "<peer>",
      "the target whose address does not answer, or the cluster whose way of exposing targets does not",
    )
    .addArgument(topologyArgument())
    .addOption(stackOption())
    .option("--replication <name>", "only in this replication (default: in all that have a list)")
    .option("--back", "undo one step: the last address of each list comes first")
    .addOption(jsonOption("the change"))
    .action(async (peer, topology, options) =>
      exitWith((await import("../commands/next-address.ts")).nextAddressCommand(peer, topology, options)),
    );
}
