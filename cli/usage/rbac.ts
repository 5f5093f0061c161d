import { Option } from "commander";
import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { clusterOption, jsonOption, stackOption } from "./options.ts";

export function rbacUsage(): DocumentedCommand {
  return new DocumentedCommand("rbac", {
    does: "Print the Roles that a deployment needs in each cluster, and nothing more, for its administrator to apply",
    examples: [
      ["bigpeer rbac two-clusters --cluster east | kubectl --context east apply -f -", "for pulumi up"],
      ["bigpeer rbac main:topologies/dev.yaml topologies/dev.yaml", "for a change from one to the other"],
      ["bigpeer rbac -s mine --for verify --service-account ci/verifier", "for bigpeer verify"],
    ],
    fine: "the Roles were printed",
    findings: "a topology has errors",
  })
    .argument(
      "[topologies...]",
      "topologies (files, names, folders, or -) or git revisions of one; if several, print what a change from one to the next needs",
    )
    .addOption(stackOption())
    .addOption(clusterOption())
    .addOption(
      new Option("--for <command>", "the command that needs the rights; watch is verify --every")
        .choices(["up", "verify", "watch"])
        .default("up"),
    )
    .option(
      "--management-token <namespace/name>",
      "with --for verify or watch: the ServiceAccount for which it may issue a token",
    )
    .option("--name <name>", "name of the Roles (default: bigpeer-topology, bigpeer-verify, bigpeer-watch)")
    .option(
      "--service-account <name>",
      "ServiceAccount that gets them: name or namespace/name (default: one with the name of the Roles)",
    )
    .addOption(new Option("--user <name>", "user that gets them").conflicts(["serviceAccount", "group"]))
    .addOption(new Option("--group <name>", "group that gets them").conflicts(["serviceAccount", "user"]))
    .addOption(jsonOption("the objects by cluster"))
    .action(async (topologies, options) =>
      exitWith((await import("../commands/rbac.ts")).rbacCommand(topologies, options)),
    );
}
