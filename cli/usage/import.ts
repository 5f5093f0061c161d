import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { append, jsonOption, kubeconfigOption } from "./options.ts";

export function importUsage(): DocumentedCommand {
  return new DocumentedCommand("import", {
    does: "Write a topology file for Big Peers that are already running; reads the clusters and changes nothing",
    examples: [
      [
        "bigpeer import --context east --context west -o topologies/mine.yaml",
        "`pulumi preview` then shows what it takes over",
      ],
      [
        "bigpeer import --context east=kind-east --namespace ditto",
        "the cluster east of the topology, through the context kind-east",
      ],
      ["bigpeer import --context east --contract contract.yaml", "an operator whose fields have other names"],
    ],
    fine: "the topology describes everything that was found",
    findings: "something was found that the topology does not describe; it is listed with the reason",
  })
    .option("--context <context>", "a context, or cluster=context; repeatable", append, [])
    .option("--namespace <name>", "only this namespace of each cluster (default: all)")
    .addOption(kubeconfigOption())
    .option(
      "--contract <file>",
      "a YAML file whose `operator:` block describes how your operator differs; `bigpeer contract` prints it",
    )
    .option("-o, --out <file>", "write the topology to this file, which must not exist (default: standard output)")
    .addOption(jsonOption("the topology, and what it does not say,"))
    .action(async (options) => exitWith((await import("../commands/import.ts")).importCommand(options)));
}
