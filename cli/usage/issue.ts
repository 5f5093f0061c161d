import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption } from "./options.ts";

export function issueUsage(): DocumentedCommand {
  return new DocumentedCommand("issue", {
    does: "Keep a Markdown report as one open issue that is updated in place, on GitHub or GitLab",
    examples: [
      ['bigpeer issue drift.md --title "Drift in production"', "create the issue, or update it"],
      ['bigpeer issue drift.md --title "Drift in production" --resolved', "close it, if there is one"],
    ],
    fine: "the issue is as it should be, or the job may not write",
    findings: "the forge refuses, or stays busy",
  })
    .argument("<file>", "the report, or - for standard input")
    .requiredOption("--title <title>", "title of the issue")
    .option("--marker <name>", "name by which the issue is found (default: the report's hidden first line)")
    .option("--resolved", "close the issue, if there is one, with the report as its final text")
    .addOption(jsonOption("what was done"))
    .action(async (file, options) => exitWith((await import("../commands/comment.ts")).issueCommand(file, options)));
}
