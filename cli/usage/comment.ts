import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption } from "./options.ts";

export function commentUsage(): DocumentedCommand {
  return new DocumentedCommand("comment", {
    does: "Put a Markdown report on a pull request as one comment that is updated in place, on GitHub or GitLab",
    examples: [
      ["bigpeer comment comment.md", "in a job: the report of diff --markdown or preview --markdown"],
      ["bigpeer comment - --marker nightly --pull-request 12", "standard input, on this pull request"],
    ],
    fine: "the comment is there, or the job may not write (a fork)",
    findings: "the forge refuses, or stays busy",
  })
    .argument("<file>", "the report, or - for standard input")
    .option("--marker <name>", "name by which the comment is found (default: the report's hidden first line)")
    .option("--update-only", "update an existing comment, but do not create one")
    .option("--pull-request <number>", "pull or merge request (default: the one that the job runs for)")
    .addOption(jsonOption("what was done"))
    .action(async (file, options) => exitWith((await import("../commands/comment.ts")).commentCommand(file, options)));
}
