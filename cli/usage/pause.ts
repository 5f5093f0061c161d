import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, stackOption, topologyArgument } from "./options.ts";

export function pauseUsage(): DocumentedCommand {
  return pausing(true, "pause", {
    does: "Pause a replication in the topology file: no documents flow; its objects, trust and ports stay",
    examples: [["bigpeer pause blue-cars topologies/dev.yaml", "write `paused: true` into its entry"]],
    fine: "the replication is paused in the file",
    findings: "the topology has errors",
  });
}

export function resumeUsage(): DocumentedCommand {
  return pausing(false, "resume", {
    does: "Resume a paused replication in the topology file",
    examples: [["bigpeer resume blue-cars topologies/dev.yaml", "remove `paused` from its entry"]],
    fine: "the replication is no longer paused in the file",
    findings: "the topology has errors",
  });
}

function pausing(
  paused: boolean,
  name: string,
  about: ConstructorParameters<typeof DocumentedCommand>[1],
): DocumentedCommand {
  return new DocumentedCommand(name, about)
    .argument("<replication>", "the name of the replication in the topology")
    .addArgument(topologyArgument())
    .addOption(stackOption())
    .addOption(jsonOption("the change"))
    .action(async (replication, topology, options) =>
      exitWith((await import("../commands/pause.ts")).pauseCommand(paused, replication, topology, options)),
    );
}
