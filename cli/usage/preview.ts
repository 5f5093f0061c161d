import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import {
  environmentArgument,
  jsonOption,
  markdownOption,
  projectOption,
  withSelection,
  withStackLimits,
} from "./options.ts";

export function previewUsage(): DocumentedCommand {
  const command = new DocumentedCommand("preview", {
    does: "Show what the engine would do to every stack of an environment, and what the topology does not explain",
    examples: [
      ["bigpeer preview two-clusters", "all stacks of topologies/two-clusters.yaml"],
      ["bigpeer preview two-clusters --base origin/main:topologies/two-clusters.yaml --markdown", "in review"],
      ["bigpeer preview two-clusters --refresh --expect-no-changes", "in a nightly job: has anything drifted?"],
    ],
    fine: "every stack was previewed",
    findings: "a stack could not be previewed, or something would change (--expect-no-changes)",
  })
    .addArgument(environmentArgument())
    .addOption(projectOption())
    .option("-s, --stack <name...>", "only these stacks of the environment")
    .option("--base <topology>", "compare with this file or git revision instead of each stack's last update")
    .option("--allow-missing", "continue even if the base lacks the file, as for a new topology")
    .option("--refresh", "read the live objects first, so that drift is shown")
    .option("--all", "also preview the stacks in which nothing would change")
    .option("--expect-no-changes", "exit with 1 if anything would change");
  return withStackLimits(withSelection(command, "stacks"))
    .addOption(markdownOption())
    .addOption(jsonOption())
    .action(async (environment, options) =>
      exitWith((await import("../commands/preview.ts")).previewCommand(environment, options)),
    );
}
