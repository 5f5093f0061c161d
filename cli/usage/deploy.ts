import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { environmentArgument, jsonOption, projectOption, withStackLimits } from "./options.ts";

export function deployUsage(): DocumentedCommand {
  const command = new DocumentedCommand("deploy", {
    does: "Run the stacks of an environment until nothing is pending; the same as `pulumi up` in each, in any order",
    examples: [
      ["bigpeer deploy two-clusters", "all stacks that have topologies/two-clusters.yaml"],
      ["bigpeer deploy two-clusters --preview", "show what would change"],
      ["bigpeer deploy two-clusters --refresh", "put back what was changed by hand"],
      ["bigpeer deploy two-clusters --parallel 1 --keep-going", "one stack after another, whatever fails"],
    ],
    fine: "every stack has succeeded, and nothing is pending",
    findings: "a stack failed, was not started, or still waits for something",
  })
    .addArgument(environmentArgument())
    .addOption(projectOption())
    .option("--preview", "show what would change, write nothing")
    .option("--refresh", "look at the live objects first, so that what was changed by hand is put back")
    .option("--all", "start the stacks that need nothing, too");
  return withStackLimits(command)
    .addOption(jsonOption("progress goes to the standard error, and the summary is printed"))
    .action(async (environment, options) =>
      exitWith((await import("../commands/deploy.ts")).deploy(environment, options)),
    );
}
