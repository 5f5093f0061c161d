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
    does: "Run every stack of an environment, as `pulumi up` does, until nothing is pending; wave by wave if the topology or `--wave` names waves",
    examples: [
      ["bigpeer deploy two-clusters", "all stacks that use topologies/two-clusters.yaml"],
      ["bigpeer deploy two-clusters --preview", "show what would change"],
      ["bigpeer deploy two-clusters --refresh", "also undo changes that were made by hand"],
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
    .option("--preview", "show what would change, and write nothing")
    .option("--refresh", "read the live objects first, so that changes by hand are undone")
    .option("--all", "also start the stacks in which nothing would change");
  withStackLimits(withSelection(command, "stacks"))
    .option(
      "--wave <what...>",
      "the waves, in place of the topology's: labels (canary=true, or region=eu,tier=shop), a number of stacks, a share (10%), or both (region=eu:10%); a + behind the number or share repeats it until no stack is left",
    )
    .option("--no-waves", "run all stacks at once, without check and verify, even if the topology names waves")
    .option("--no-check", "in waves: do not check the clusters of a wave (`check --live`) before its update")
    .option("--no-verify", "in waves: do not verify the clusters of a wave (`verify`) after its update");
  return withPeerAccess(command)
    .addOption(deadlineOption())
    .addOption(jsonOption("the summary as JSON, and the progress to standard error"))
    .addOption(new Option("--events", "print one line of JSON for each event").conflicts("json"))
    .action(async (environment, options) =>
      exitWith((await import("../commands/deploy.ts")).deploy(environment, options)),
    );
}
