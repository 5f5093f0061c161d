import { exitWith } from "../exit-code.ts";
import { withLab } from "../project/with-lab.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { environmentArgument } from "./options.ts";

export function devUsage(): DocumentedCommand {
  return new DocumentedCommand("dev", {
    does: "Deploy a topology to a local lab with the real engine, verify it, and stay up until Ctrl-C",
    examples: [
      ["bigpeer dev", "topologies/dev.yaml"],
      ["bigpeer dev two-clusters --once", "another environment, and stop after the probes"],
    ],
    fine: "every probe passed",
    findings: "the topology has errors, the lab or the deployment failed, or a probe did",
  })
    .addArgument(environmentArgument("dev"))
    .option("--once", "stop after verify; exit with 0 only if every probe passed")
    .action(async (environment, options) =>
      exitWith((await withLab(() => import("../commands/dev.ts"))).dev(environment, options)),
    );
}
