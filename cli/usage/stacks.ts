import { Option } from "commander";
import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { environmentArgument, jsonOption, projectOption } from "./options.ts";

export function stacksUsage(): DocumentedCommand {
  return new DocumentedCommand("stacks", {
    does: "List the stacks of an environment in the order in which they depend on each other, or write them for one of Pulumi's engines",
    examples: [
      ["bigpeer stacks two-clusters", "which stack comes after which, and why"],
      [
        "bigpeer stacks two-clusters --format pko --own-cluster east | kubectl --context east apply -f -",
        "Kubernetes Operator",
      ],
      ["bigpeer stacks two-clusters --format deployments --organization acme > stacks.json", "Pulumi Deployments"],
    ],
    fine: "the stacks were printed",
    findings: "the topology has errors, or its stacks do not fit together",
  })
    .addArgument(environmentArgument())
    .addOption(projectOption())
    .addOption(
      new Option(
        "--format <format>",
        "list, pko (objects of the Pulumi Kubernetes Operator 2), or deployments (settings of Pulumi Deployments, JSON)",
      )
        .choices(["list", "pko", "deployments"])
        .default("list"),
    )
    .option("--repo <url>", "Git repository of the program (default: the remote origin)")
    .option("--branch <name>", "branch to deploy (default: the current branch)")
    .option("--organization <name>", "organization in Pulumi Cloud; with a backend of your own, write `organization`")
    .option("--image <image>", "image with Pulumi's CLI and Node.js (default: Pulumi's image of this SDK's version)")
    .option(
      "--resync <seconds>",
      "how often a stack is updated without a commit, so that what is pending gets done",
      "300",
    )
    .option("--namespace <name>", "pko: namespace of the Stacks", "bigpeer-topology")
    .option("--own-cluster <name>", "pko: the topology's cluster in which the operator runs")
    .option("--backend <url>", "pko: URL of the state backend (default: Pulumi Cloud)")
    .option("--agent-pool <id>", "deployments: ID of a pool of your own agents")
    .addOption(jsonOption("the list"))
    .action(async (environment, options) =>
      exitWith((await import("../commands/stacks.ts")).stacksCommand(environment, options)),
    );
}
