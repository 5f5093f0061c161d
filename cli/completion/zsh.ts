import type { CompletedCommand, CompletedOption, Values } from "./words.ts";

/** The completion of zsh, by its own `_arguments`: to be loaded from a folder of $fpath, or sourced. */
export function zshScript(program: CompletedCommand): string {
  return `#compdef bigpeer
# Completion of bigpeer for zsh: bigpeer completion zsh > ~/.zfunc/_bigpeer

_bigpeer_stacks() {
  local -a names
  names=(Pulumi.*.yaml(N))
  names=(\${\${names#Pulumi.}%.yaml})
  compadd -a names
}

_bigpeer_environments() {
  local -a names
  names=(topologies/*.yaml(N:t:r))
  compadd -a names
  _files -g '*.yaml'
}

${functionsOf(program).join("\n\n")}

if [[ $funcstack[1] == _bigpeer ]]; then
  _bigpeer "$@"
else
  compdef _bigpeer bigpeer
fi
`;
}

/** A function for each command, those below it first. */
function functionsOf(command: CompletedCommand): string[] {
  const below = command.commands.flatMap(functionsOf);
  const options = command.options.map(optionOf);
  if (command.commands.length === 0) {
    const places = command.arguments.map(
      ({ name, values, variadic }, index) => `'${variadic ? "*" : index + 1}:${escaped(name)}:${actionOf(values)}'`,
    );
    return [`${nameOf(command)}() {\n  _arguments \\\n    ${["-s", ...options, ...places].join(" \\\n    ")}\n}`];
  }
  const named = command.commands.map(({ path, about }) => quoted(`${path.at(-1)}:${about.replaceAll(":", "\\:")}`));
  const cases = command.commands.map((each) => `      ${each.path.at(-1)}) ${nameOf(each)} ;;`);
  return [
    ...below,
    `${nameOf(command)}() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  local -a commands
  commands=(
    ${named.join("\n    ")}
  )
  _arguments -C \\
    ${[...options, "'1:command:->command'", "'*::argument:->arguments'"].join(" \\\n    ")}
  case $state in
    command) _describe -t commands command commands ;;
    arguments)
      case $words[1] in
${cases.map((each) => `  ${each}`).join("\n")}
      esac
      ;;
  esac
}`,
  ];
}

function nameOf({ path }: CompletedCommand): string {
  return ["_bigpeer", ...path].join("_");
}

function optionOf({ flags, about, value, repeatable }: CompletedOption): string {
  const takes = value === undefined ? "" : `:value:${actionOf(value)}`;
  const said = `[${escaped(about)}]${takes}`;
  if (flags.length === 1) return quoted(`${repeatable ? "*" : ""}${flags.join("")}${said}`);
  return `'${repeatable ? "*" : `(${flags.join(" ")})`}'{${flags.join(",")}}${quoted(said)}`;
}

function actionOf(values: Values): string {
  if (values === "files") return "_files";
  if (values === "unknown") return " ";
  if (values === "stacks" || values === "environments") return `_bigpeer_${values}`;
  return `(${values.join(" ")})`;
}

/** What _arguments would read as syntax. */
function escaped(text: string): string {
  return text.replace(/[\\:[\]]/g, "\\$&");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
