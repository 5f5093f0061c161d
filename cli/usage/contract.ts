import { Option } from "commander";
import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, kubeconfigOption, stackOption, topologyArgument } from "./options.ts";

export function contractUsage(): DocumentedCommand {
  return new DocumentedCommand("contract", {
    does: "Find out which undocumented names and forms a cluster's operator uses, and print the `operator:` block that fits",
    examples: [
      ["bigpeer contract --context east", "a cluster by its context in the kubeconfig"],
      ["bigpeer contract two-clusters --cluster east --write", "put what is certain into the file"],
    ],
    fine: "the block fits the cluster, or was written so that it does",
    findings: "the block differs from the cluster, or something could not be settled",
  })
    .addArgument(topologyArgument())
    .addOption(stackOption())
    .addOption(new Option("--context <name>", "the cluster by its context in the kubeconfig").conflicts("cluster"))
    .option("--cluster <name>", "the cluster by its name in the topology (default: its only one)")
    .addOption(kubeconfigOption())
    .option("--peer <name>", "the Big Peer to look at (default: the first)")
    .option("--write", "put what is certain or likely into the topology file")
    .addOption(jsonOption())
    .action(async (topology, options) =>
      exitWith((await import("../commands/contract.ts")).contractCommand(topology, options)),
    );
}
