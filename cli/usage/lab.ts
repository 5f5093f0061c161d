import { InvalidArgumentError } from "commander";
import type { LabClusterRequest } from "../../lab/supervisor-messages.ts";
import { exitWith } from "../exit-code.ts";
import { withLab } from "../project/with-lab.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption, topologyMeans } from "./options.ts";

export function labUsage(): DocumentedCommand {
  const lab = new DocumentedCommand("lab", {
    does: "Run real API servers on this machine, with stand-ins for the Ditto operator and for Big Peers",
    examples: [
      ["bigpeer lab up", "one cluster, dev"],
      ["bigpeer lab up two-clusters", "the clusters of a topology"],
      ["bigpeer lab down", "end it and remove its files"],
    ],
    fine: "the command succeeded",
    findings: "the lab failed, or no lab is running (lab status)",
  });
  for (const command of [up(), env(), status(), down(), tools()]) lab.addCommand(command);
  return lab;
}

const name = ["--name <name>", "name of the lab", labName, "dev"] as const;

function up(): DocumentedCommand {
  return new DocumentedCommand("up", {
    does: "Start a lab that runs until `down`",
    examples: [
      ["bigpeer lab up two-clusters", "the clusters of a topology"],
      [
        "bigpeer lab up --cluster east --cluster west:my-context:ditto --name second",
        "two other clusters, in a second lab",
      ],
    ],
    fine: "the lab is running",
    findings: "the lab could not start, or the topology has errors",
  })
    .argument("[topology]", `${topologyMeans}; the lab runs its clusters`)
    .option(
      "--cluster <name[:context[:namespace]]>",
      "without a topology: a cluster (repeatable; default: dev)",
      clusterRequest,
    )
    .option(...name)
    .addOption(jsonOption("the description of the lab"))
    .action(async (topology, options) =>
      exitWith((await withLab(() => import("../commands/lab.ts"))).labUp(topology, options)),
    );
}

function env(): DocumentedCommand {
  return new DocumentedCommand("env", {
    does: "Print the shell commands that point kubectl, Pulumi and bigpeer at a lab",
    examples: [
      ['eval "$(npx bigpeer lab env)"', "in bash or zsh"],
      ["bigpeer lab env > lab.sh", "to source later"],
    ],
    fine: "the commands were printed",
    findings: "no lab of that name is running",
  })
    .option(...name)
    .action(async (options) => exitWith((await withLab(() => import("../commands/lab.ts"))).labEnv(options)));
}

function status(): DocumentedCommand {
  return new DocumentedCommand("status", {
    does: "Show whether a lab is running",
    examples: [["bigpeer lab status --json", "with its addresses and processes"]],
    fine: "the lab is running",
    findings: "no lab of that name is running",
  })
    .option(...name)
    .addOption(jsonOption())
    .action(async (options) => exitWith((await withLab(() => import("../commands/lab.ts"))).labStatus(options)));
}

function down(): DocumentedCommand {
  return new DocumentedCommand("down", {
    does: "End a lab and remove its files; safe in every state",
    examples: [["bigpeer lab down --name second", "the lab of that name"]],
    fine: "no lab of that name is running",
    findings: "the lab could not be ended",
  })
    .option(...name)
    .addOption(jsonOption("the number of processes that were ended"))
    .action(async (options) => exitWith((await withLab(() => import("../commands/lab.ts"))).labDown(options)));
}

function tools(): DocumentedCommand {
  return new DocumentedCommand("tools", {
    does: "Build the programs that a lab needs, if they are not cached",
    examples: [["bigpeer lab tools", "before the first `bigpeer dev`, such as in CI"]],
    fine: "the programs are there",
    findings: "one of them could not be built",
  })
    .addOption(jsonOption("the paths"))
    .action(async (options) => exitWith((await withLab(() => import("../commands/lab.ts"))).labTools(options)));
}

function labName(text: string): string {
  if (!/^\w[\w.-]*$/.test(text))
    throw new InvalidArgumentError("A name contains only letters, digits, - and ., such as dev.");
  return text;
}

function clusterRequest(text: string, before: LabClusterRequest[] = []): LabClusterRequest[] {
  const [name = "", context = name, namespace = "ditto", ...rest] = text.split(":");
  if (name === "" || rest.length > 0)
    throw new InvalidArgumentError("Write <name>[:<context>[:<namespace>]], such as east.");
  return [...before, { name, context, namespaces: [namespace] }];
}
