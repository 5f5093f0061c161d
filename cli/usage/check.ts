import { Option } from "commander";
import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, kubeconfigOption, stackOption, topologiesArgument, withSelection } from "./options.ts";

export function checkUsage(): DocumentedCommand {
  const command = new DocumentedCommand("check", {
    does: "Check topologies against the schema and all rules; writes nothing",
    examples: [
      ["bigpeer check", "the topology of the stack dev"],
      ["bigpeer check two-clusters", "topologies/two-clusters.yaml, by its name"],
      ["bigpeer check topologies/", "every topology in a folder"],
      ["bigpeer expand fleet | bigpeer check -", "standard input"],
      ["bigpeer check -s mine --live", "also check that its clusters accept what would be written"],
      ["bigpeer check --sarif topologies/dev.yaml > bigpeer.sarif", "for code scanning"],
    ],
    fine: "no errors; there may be warnings and notes",
    findings: "at least one error was found",
  })
    .addArgument(topologiesArgument())
    .addOption(stackOption())
    .option("--live", "also check that the clusters accept what would be written, and what the stack would lose")
    .addOption(kubeconfigOption());
  return withSelection(command, "parts", "with --live")
    .addOption(jsonOption("the findings"))
    .addOption(new Option("--sarif", "print the findings as SARIF 2.1.0, for code scanning").conflicts("json"))
    .action(async (topologies, options) => exitWith((await import("../commands/check.ts")).check(topologies, options)));
}
