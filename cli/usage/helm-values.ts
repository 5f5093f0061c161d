import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { clusterOption, jsonOption, stackOption, topologyArgument } from "./options.ts";

export function helmValuesUsage(): DocumentedCommand {
  return new DocumentedCommand("helm-values", {
    does: "Print what the ingress-nginx charts need to expose the topology's targets",
    examples: [
      ["bigpeer helm-values topologies/dev.yaml", "one YAML document for each controller"],
      ["bigpeer helm-values -s mine --cluster east > values.yaml", "for helm upgrade --values"],
    ],
    fine: "the values were printed",
    findings: "the topology has errors",
  })
    .addArgument(topologyArgument())
    .addOption(stackOption())
    .addOption(clusterOption())
    .addOption(jsonOption("the controllers with their values"))
    .action(async (topology, options) =>
      exitWith((await import("../commands/helm-values.ts")).helmValuesCommand(topology, options)),
    );
}
