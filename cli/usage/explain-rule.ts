import { exitWith } from "../exit-code.ts";
import { DocumentedCommand } from "./documented-command.ts";
import { jsonOption } from "./options.ts";

export function explainRuleUsage(): DocumentedCommand {
  return new DocumentedCommand("explain-rule", {
    does: "Explain what a rule looks for, why, and how to fix its findings; without an id, list all rules",
    examples: [
      ["bigpeer explain-rule", "all rules, with what each finds"],
      ["bigpeer explain-rule flows-back", "one rule, with an example"],
    ],
    fine: "the rule was explained, or the rules were listed",
  })
    .argument("[id]", "id of the rule, as `bigpeer check` prints it after the severity")
    .addOption(jsonOption())
    .action(async (id, options) =>
      exitWith((await import("../commands/explain-rule.ts")).explainRuleCommand(id, options)),
    );
}
