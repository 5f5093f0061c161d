import { Option } from "commander";
import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { append, clusterOption, jsonOption, stackOption, topologyArgument } from "./options.ts";

export function firewallUsage(): DocumentedCommand {
  return new DocumentedCommand("firewall", {
    does: "List who dials which host and port, from where and why; write NetworkPolicies",
    examples: [
      ["bigpeer firewall topologies/dev.yaml", "for each cluster: what goes out, and what comes in"],
      ["bigpeer firewall -s mine --format csv > firewall.csv", "with the addresses that the stacks have exported"],
      ["bigpeer firewall topologies/dev.yaml --network-policies policies", "NetworkPolicies for each Big Peer"],
    ],
    fine: "the list was printed, or the folder is current",
    findings: "the topology has errors, or a file that bigpeer did not write is in the way",
  })
    .addArgument(topologyArgument())
    .addOption(stackOption())
    .option(
      "--outputs <file>",
      "the output `topology` of a stack as a JSON file, for addresses that only a deployment knows; repeatable",
      append,
      [],
    )
    .addOption(clusterOption())
    .addOption(
      new Option("--format <format>", "text or csv").choices(["text", "csv"]).default("text").conflicts("json"),
    )
    .option(
      "--network-policies <folder>",
      "write NetworkPolicies to this folder; files in it that bigpeer did not write are left alone",
    )
    .addOption(jsonOption("the list"))
    .action(async (topology, options) =>
      exitWith((await import("../commands/firewall.ts")).firewallCommand(topology, options)),
    );
}
