import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import {
  jsonOption,
  kubeconfigOption,
  projectOption,
  stackOption,
  topologyArgument,
  withSelection,
} from "./options.ts";

export function statusUsage(): DocumentedCommand {
  const command = new DocumentedCommand("status", {
    does: "Show where declared, deployed and live differ, by cause, and how to fix it",
    examples: [
      ["bigpeer status -s mine", "the topology against the state of its stacks"],
      ["bigpeer status -s mine --live --watch", "also against the clusters, again every two seconds"],
      ["bigpeer status -s mine --live --label region=eu", "only one region"],
    ],
    fine: "declared, deployed and live agree",
    findings: "something differs, or is down",
  })
    .addArgument(topologyArgument())
    .addOption(stackOption())
    .addOption(projectOption())
    .option("--live", "also read the clusters")
    .addOption(kubeconfigOption());
  return withSelection(command)
    .option("--all", "list every object, including those without a problem")
    .option("--watch", "look again every two seconds, until Ctrl-C")
    .addOption(jsonOption("the rows"))
    .action(async (topology, options) =>
      exitWith((await import("../commands/status.ts")).statusCommand(topology, options)),
    );
}
