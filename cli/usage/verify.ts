import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { deadlineOption, jsonOption, stackOption, topologyArgument, withPeerAccess, withSelection } from "./options.ts";

export function verifyUsage(): DocumentedCommand {
  const command = new DocumentedCommand("verify", {
    does: "Prove on the running Big Peers that documents flow exactly as the topology says",
    examples: [
      ["bigpeer verify -s mine", "every replication of a stack's topology"],
      ["bigpeer verify topologies/dev.yaml --deadline 120", "where documents take longer"],
      [
        "bigpeer verify -s mine --peer berlin --junit verify.xml",
        "what one peer sends and receives, with a file for CI",
      ],
      ["bigpeer verify -s mine --label region=eu --label tier=shop", "what the shops of a region send and receive"],
      ["bigpeer verify -s mine --management-token ditto/verifier", "with a ServiceAccount's token"],
      ["bigpeer verify -s mine --every 5m --metrics :9464", "until it is stopped, with metrics for Prometheus"],
    ],
    fine: "every probe passed, or there is nothing to verify; with --every: it was stopped",
    findings: "a probe failed",
  })
    .addArgument(topologyArgument())
    .addOption(stackOption());
  return withSelection(withPeerAccess(command))
    .addOption(deadlineOption())
    .option("--junit <file>", "also write the results as JUnit XML, for CI")
    .option("--every <duration>", "verify again at this interval, such as 5m, until SIGTERM or Ctrl-C")
    .option(
      "--metrics <[host]:port>",
      "with --every: serve metrics at /metrics, on every address of this machine or on one, such as 127.0.0.1:9464",
    )
    .option("--metrics-file <file>", "write metrics for the textfile collector of node_exporter, such as bigpeer.prom")
    .addOption(jsonOption("the report"))
    .action(async (topology, options) =>
      exitWith((await import("../commands/verify.ts")).verifyCommand(topology, options)),
    );
}
