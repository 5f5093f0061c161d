import type { Argument, Command, Option } from "commander";
import { allRules } from "../../topology/rules/index.ts";

/** What may stand in a place: one of a few words, something that is looked for in the folder, or what only the user knows. */
export type Values = readonly string[] | "files" | "stacks" | "environments" | "unknown";

export interface CompletedOption {
  /** `-s` and `--stack`, or one of them. */
  readonly flags: readonly string[];
  readonly about: string;
  /** Undefined: it takes no value. */
  readonly value: Values | undefined;
  readonly repeatable: boolean;
}

export interface CompletedCommand {
  /** Its words, such as `["lab", "up"]`; none for the program itself. */
  readonly path: readonly string[];
  readonly about: string;
  readonly options: readonly CompletedOption[];
  readonly arguments: readonly { readonly name: string; readonly values: Values; readonly variadic: boolean }[];
  readonly commands: readonly CompletedCommand[];
}

/** What a shell can complete, from the definition of the command line. */
export function completedCommands(command: Command, path: readonly string[] = []): CompletedCommand {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  return {
    path,
    about: command.description(),
    options: help.visibleOptions(command).map(completedOption),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      values: argumentValues(argument),
      variadic: argument.variadic,
    })),
    commands: commands
      // The help of a command is asked for by --help, too; only the program's own has a name worth completing.
      .filter((each) => path.length === 0 || each.name() !== "help")
      .map((each) =>
        each.name() === "help" ? helpCommand(each, commands) : completedCommands(each, [...path, each.name()]),
      ),
  };
}

function helpCommand(command: Command, commands: readonly Command[]): CompletedCommand {
  const values = commands.map((each) => each.name()).filter((name) => name !== "help");
  return {
    path: ["help"],
    about: command.description(),
    options: [],
    arguments: [{ name: "command", values, variadic: false }],
    commands: [],
  };
}

function completedOption(option: Option): CompletedOption {
  const { short, long, description, variadic } = option;
  return {
    flags: [short, long].filter((flag) => flag !== undefined && flag !== null),
    about: description,
    value: option.required || option.optional ? optionValues(option) : undefined,
    repeatable: variadic || option.parseArg !== undefined,
  };
}

function optionValues({ argChoices, long, flags }: Option): Values {
  if (argChoices) return argChoices;
  if (long === "--stack") return "stacks";
  return /[<[](?:file|path|folder|topology|peer=file)[>\]]/.test(flags) ? "files" : "unknown";
}

function argumentValues(argument: Argument): Values {
  if (argument.argChoices) return argument.argChoices;
  const name = argument.name();
  if (name === "environment") return "environments";
  if (name === "id") return allRules.map(({ id }) => id);
  return ["topology", "topologies", "base", "head", "file"].includes(name) ? "files" : "unknown";
}
