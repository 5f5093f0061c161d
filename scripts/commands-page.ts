import type { Argument, Help, Option } from "commander";
import { commandLine } from "../cli/usage/command-line.ts";
import { DocumentedCommand } from "../cli/usage/documented-command.ts";

const introduction = `# Commands

Generated from the definitions in cli/usage/ by \`npm run generate\`. In a checkout, \`npx bigpeer\` runs them; \`npm run dev\`, \`npm run lab\`,
\`npm run deploy\` and \`npm run verify\` run four of them, with their arguments after \`--\`. \`bigpeer completion\` prints a script that completes them in a shell.

| exit code | meaning for every command |
| --- | --- |
| 0 | success |
| 1 | findings, or a failed probe or update |
| 2 | the command line is wrong, or an input cannot be read |`;

/** The text of docs/commands.md. */
export async function commandsPage(): Promise<string> {
  const program = await commandLine();
  const commands = program.commands.filter((each) => each instanceof DocumentedCommand);
  const groups = Map.groupBy(commands, (command) => command.helpGroup().replace(/:$/, ""));
  const parts = [...groups].flatMap(([title, members]) => [
    `## ${title}`,
    ...members.flatMap((each) => sections(each)),
  ]);
  return `${[introduction, ...parts].join("\n\n")}\n`;
}

/** The sections of a command and of its subcommands. */
function sections(command: DocumentedCommand, above = "bigpeer"): string[] {
  const called = `${above} ${command.name()}`;
  const below = command.commands.filter((each) => each instanceof DocumentedCommand);
  return [
    [
      `### ${called}`,
      `${command.description()}.`,
      `\`\`\`sh\n${examplesOf(command)}\n\`\`\``,
      `\`${called} ${command.usage()}\``,
      tableOf(command),
      `Exit codes: ${command.exitCodes.map(([code, meaning]) => `${code}: ${meaning}`).join("; ")}.`,
    ].join("\n\n"),
    ...below.flatMap((each) => sections(each, called)),
  ];
}

function examplesOf({ examples }: DocumentedCommand): string {
  const width = Math.max(...examples.map(([call]) => call.length));
  return examples.map(([call, purpose]) => `${call.padEnd(width)}  # ${purpose}`).join("\n");
}

function tableOf(command: DocumentedCommand): string {
  const help: Help = command.createHelp();
  const rows = [
    ...command.registeredArguments.map((each): [string, string] => [
      argumentName(each),
      help.argumentDescription(each),
    ]),
    ...help.visibleOptions(command).map((each: Option): [string, string] => [each.flags, help.optionDescription(each)]),
  ];
  return [
    "| argument or option | meaning |",
    "| --- | --- |",
    ...rows.map(([name, meaning]) => `| \`${name}\` | ${meaning.replaceAll("|", "\\|").replace(/<[^>]*>/g, "`$&`")} |`),
  ].join("\n");
}

function argumentName(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}
