import { Option } from "commander";
import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import {
  deadlineOption,
  environmentArgument,
  jsonOption,
  projectOption,
  withPeerAccess,
  withSelection,
  withStackLimits,
} from "./options.ts";

export function deployUsage(): DocumentedCommand {
  const command = new DocumentedCommand("deploy", {
    does: "Run the stacks of an environment until nothing is pending, as `pulumi up` does in each; wave by wave, where the topology or `--wave` names waves",
    examples: [
      ["bigpeer deploy two-clusters", "all stacks that have topologies/two-clusters.yaml"],
      ["bigpeer deploy two-clusters --preview", "show what would change"],
      ["bigpeer deploy two-clusters --refresh", "put back what was changed by hand"],
      ["bigpeer deploy two-clusters --parallel 1 --keep-going", "one stack after another, whatever fails"],
      ["bigpeer deploy fleet --wave tier=shop:1 10% tier=shop:25%+", "one shop, a tenth, then a quarter at a time"],
      ["bigpeer deploy fleet --label region=europe", "only stacks with something in Europe"],
    ],
    fine: "every stack has succeeded, nothing is pending, and every wave was verified",
    findings:
      "a stack failed, was not started or still waits for something, or the check or verification of a wave failed",
  })
    .addArgument(environmentArgument())
    .addOption(projectOption())
    .option("--preview", "show what would change, write nothing")
    .option("--refresh", "look at the live objects first, so that what was changed by hand is put back");
  withStackLimits(withSelection(command, "stacks"))
    .option(
      "--wave <what...>",
      "the waves, in place of the topology's: labels (canary=true, or region=eu,tier=shop), a number of stacks, a share (10%), or both (region=eu:10%); a + behind the number or share repeats it until no stack is left",
    )
    .option("--no-waves", "all stacks at once, without check and verify, although the topology names waves")
    .option("--no-check", "in waves: do not look at the clusters of a wave before it, as `check --live` does")
    .option("--no-verify", "in waves: do not verify the clusters of a wave after it, as `verify` does");
  return withPeerAccess(command)
    .addOption(deadlineOption())
    .addOption(jsonOption("progress goes to the standard error, and the summary is printed"))
    .addOption(new Option("--events", "one JSON object a line for whatever happens").conflicts("json"))
    .action(async (environment, options) =>
      exitWith((await import("../commands/deploy.ts")).deploy(environment, options)),
    );
}
