import { Option } from "commander";
import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, stackOption, topologyArgument, withPeerAccess } from "./options.ts";

export function explainUsage(): DocumentedCommand {
  const command = new DocumentedCommand("explain", {
    does: "Explain, link by link and layer by layer, why documents do not flow, and name the first broken layer",
    examples: [
      ["bigpeer explain blue-cars -s mine", "every link of a replication"],
      ["bigpeer explain blue-cars -s mine --from bp1 --to bp2", "one direction of one link"],
      [`bigpeer explain blue-cars -s mine --collection cars --sample '{"color":"blue"}'`, "a document that is missing"],
      ["bigpeer explain blue-cars -s mine --probe-pods", "also from inside the clusters"],
    ],
    fine: "no layer is broken, as far as can be judged",
    findings: "a layer is broken; the output names the first one and what repairs it",
  })
    .argument("<replication>", "name of the replication in the topology")
    .addArgument(topologyArgument())
    .addOption(stackOption())
    .option("--from <peer>", "only documents from this peer")
    .option("--to <peer>", "only documents to this peer")
    .option("--collection <name>", "the collection of the sample")
    .option("--sample <json>", "the fields of the missing document (default: one that matches the queries)")
    .addOption(
      new Option(
        "--probe-pods [image]",
        "also look from a short-lived pod in the dialler's cluster, and through port-forwards to the target's pods",
      ).preset("busybox:1.37"),
    )
    .option("--no-probe", "do not write a probe document");
  return withPeerAccess(command)
    .option("--deadline <seconds>", "how long a document may take to arrive", "15")
    .addOption(jsonOption("the report"))
    .action(async (replication, topology, options) =>
      exitWith((await import("../commands/explain.ts")).explainCommand(replication, topology, options)),
    );
}
