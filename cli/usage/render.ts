import { Option } from "commander";
import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { append, jsonOption, kubeconfigOption, stackOption, topologyArgument } from "./options.ts";

export function renderUsage(): DocumentedCommand {
  return new DocumentedCommand("render", {
    does: "Write the manifests of each cluster as files, for Argo CD or Flux; needs no cluster, except with --fetch-cas",
    examples: [
      ["bigpeer render topologies/dev.yaml -o manifests --allow-missing-ca", "before the first deployment"],
      [
        "bigpeer render topologies/dev.yaml -o manifests --fetch-cas cas",
        "after the first deployment: reads the CAs into cas/",
      ],
      ["bigpeer render topologies/dev.yaml -o manifests --ca cas", "with CAs that are already in cas/, as <peer>.pem"],
      ["bigpeer render topologies/dev.yaml -o manifests --ca cas --check", "in CI: is the folder current?"],
      [
        "bigpeer render topologies/dev.yaml -o manifests --only-monitoring",
        "only alerts and a dashboard, alongside Pulumi",
      ],
    ],
    fine: "the folder is current",
    findings: "something cannot be rendered or is in the way, or the folder is not current (--check)",
  })
    .addArgument(topologyArgument())
    .requiredOption("-o, --out <folder>", "folder to write to; files in it that bigpeer did not write are left alone")
    .addOption(stackOption())
    .option(
      "--ca <peer=file>",
      "a peer's CA certificate (PEM), a folder with a <peer>.pem for each peer, or a stack's output as .json; repeatable",
      append,
      [],
    )
    .option(
      "--fetch-cas <folder>",
      "first read the CA certificates from the clusters into this folder; implies --ca <folder>",
    )
    .addOption(kubeconfigOption())
    .option("--allow-missing-ca", "leave out the trust in peers without a known CA, before their first deployment")
    .option("--allow-plain-secrets", "also write secrets that the topology contains in plain text, and list them")
    .addOption(
      new Option(
        "--exposure <way>",
        "expose targets with partial manifests of the controller's objects, or with Helm values",
      )
        .choices(["manifests", "helm-values"])
        .default("manifests"),
    )
    .option("--monitoring", "also write alerts for Prometheus and a dashboard for Grafana to <folder>/monitoring")
    .option("--only-monitoring", "write only the monitoring files, and leave the rest of the folder unchanged")
    .option("--monitoring-namespace <name>", "namespace of the monitoring objects", "monitoring")
    .option("--runbooks <url>", "where the pages of docs/runbook are published, for the alerts' links")
    .option(
      "--watch-image <image>",
      "with monitoring: also write a Deployment of bigpeer verify --every with this image",
    )
    .option("--watch-every <duration>", "how often the Deployment verifies", "5m")
    .option("--check", "write nothing; exit with 1 if the folder is not current")
    .addOption(jsonOption("the report"))
    .action(async (topology, options) =>
      exitWith((await import("../commands/render.ts")).renderCommand(topology, options)),
    );
}
