import { Option } from "commander";
import { initialAnswers, initialForges, initialWays } from "../../init/answers.ts";
import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";

export function initUsage(): DocumentedCommand {
  return new DocumentedCommand("init", {
    does: "Write a Pulumi project that consists of a topology, its stacks and a program of a few lines",
    examples: [
      ["bigpeer init", "in an empty folder: asks for contexts, the namespace, and how clusters reach each other"],
      ["bigpeer init --yes", "asks nothing: the current context, namespace ditto"],
      [
        "bigpeer init fleet --context east west --expose load-balancer --namespace ditto",
        "two clusters, in a new folder",
      ],
      ["bigpeer init --environment production --ci github", "with workflows that check, comment and deploy"],
    ],
    fine: "the project was written; files that existed before are unchanged and listed",
  })
    .argument("[folder]", "folder of the project (default: the current folder)")
    .option("--context <name...>", "contexts of the kubeconfig, one for each cluster")
    .option("--namespace <name>", "namespace of the Big Peers")
    .addOption(new Option("--expose <way>", "how clusters reach each other").choices(initialWays))
    .option("--domain <domain>", "the clusters are reached at bp.<cluster>.<domain>")
    .option("--environment <name>", "name of the topology in topologies/, and of the stack", initialAnswers.environment)
    .option("--stack-per-cluster", "a stack for each cluster (default: one for all)")
    .option("--name <name>", "name of the Pulumi project (default: the folder's name)")
    .option("--big-peer-version <version>", "version of the Big Peers", initialAnswers.bigPeerVersion)
    .addOption(new Option("--ci <forge>", "also write the CI workflows").choices(initialForges))
    .option("--kubeconfig <path>", "kubeconfig whose contexts are offered (default: the one that kubectl finds)")
    .option("-y, --yes", "use the default for every question that no option answers")
    .action(async (folder, options) => exitWith((await import("../commands/init.ts")).init(folder, options)));
}
