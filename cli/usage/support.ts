import { Option } from "commander";
import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, kubeconfigOption, stackOption, topologyArgument } from "./options.ts";

export function supportUsage(): DocumentedCommand {
  return new DocumentedCommand("support", {
    does: "Collect versions, configuration, findings, plan, live objects and logs in one archive, with secrets masked",
    examples: [
      ["bigpeer support topologies/dev.yaml", "write bigpeer-support-dev-<time>.tar.gz"],
      ["bigpeer support -s mine --cluster east --output east.tar.gz", "ask only one cluster"],
    ],
    fine: "the archive was written, even if something could not be read",
  })
    .addArgument(topologyArgument())
    .addOption(stackOption())
    .addOption(kubeconfigOption())
    .option("--cluster <name...>", "only these clusters")
    .option("--output <file>", "the archive (default: bigpeer-support-<topology>-<time>.tar.gz)")
    .addOption(new Option("--log-lines <n>", "lines from the end of each log").default("2000"))
    .addOption(jsonOption("what is in the archive and what is missing"))
    .action(async (topology, options) =>
      exitWith((await import("../commands/support.ts")).supportCommand(topology, options)),
    );
}
