import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, stackOption, topologyArgument, withPictureLimits } from "./options.ts";

export function graphUsage(): DocumentedCommand {
  const command = new DocumentedCommand("graph", {
    does: "Draw a topology: clusters, peers, where documents flow and who dials; as a picture or as a page to search",
    examples: [
      ["bigpeer graph topologies/dev.yaml", "Mermaid, on standard output"],
      ["bigpeer graph topologies/dev.yaml -o dev.svg", "a picture"],
      ["bigpeer graph topologies/fleet.yaml --group-by region --collapse", "200 shops on one page"],
      [
        "bigpeer graph topologies/dev.yaml -o dev.html --status status.json",
        "a page to search, in the colours of a status",
      ],
      ["bigpeer graph -s mine --peer bp1 --format dot | dot -Tpng > bp1.png", "one peer, drawn by Graphviz"],
    ],
    fine: "the picture was printed or written",
    findings: "the topology has errors",
  })
    .addArgument(topologyArgument())
    .addOption(stackOption());
  return withPictureLimits(command)
    .option("--format <format>", "mermaid, svg, dot or html (default: by the file's name, else mermaid)")
    .option("--no-group", "draw equal peers and the links of a mesh one by one")
    .option("-o, --out <file>", "write the picture to this file")
    .option("--status <file>", "html: colour by the output of bigpeer status --json in this file")
    .option("--verify <file>", "html: colour by the output of bigpeer verify --json in this file")
    .option("--diff <file>", "html: colour by the output of bigpeer diff --json in this file")
    .addOption(jsonOption("what would be drawn").conflicts("format"))
    .action(async (topology, { app, peer, ...options }) =>
      exitWith((await import("../commands/graph.ts")).graphCommand(topology, { ...options, apps: app, peers: peer })),
    );
}
