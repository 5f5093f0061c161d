import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, stackOption, topologyArgument, withPeerAccess } from "./options.ts";

export function verifyUsage(): DocumentedCommand {
  const command = new DocumentedCommand("verify", {
    does: "Prove on the running Big Peers that documents flow exactly as the topology says",
    examples: [
      ["bigpeer verify -s mine", "every replication of a stack's topology"],
      ["bigpeer verify topologies/dev.yaml --deadline 120", "where documents take longer"],
      ["bigpeer verify -s mine --peer berlin --junit verify.xml", "one peer's replications, with a file for CI"],
      ["bigpeer verify -s mine --management-token ditto/verifier", "with a ServiceAccount's token"],
    ],
    fine: "every probe passed, or there is nothing to verify",
    findings: "a probe failed",
  })
    .addArgument(topologyArgument())
    .addOption(stackOption());
  return withPeerAccess(command)
    .option("--deadline <seconds>", "how long a document may take to arrive", "30")
    .option("--replication <name...>", "only these replications")
    .option("--peer <name...>", "only what these peers send and receive")
    .option("--app <name...>", "only the replications of these apps")
    .option("--cluster <name...>", "only what peers in these clusters send and receive")
    .option("--junit <file>", "also write the results as JUnit XML, for CI")
    .addOption(jsonOption("report"))
    .action(async (topology, options) =>
      exitWith((await import("../commands/verify.ts")).verifyCommand(topology, options)),
    );
}
