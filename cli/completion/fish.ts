import type { CompletedCommand, CompletedOption, Values } from "./words.ts";

/** The completion of fish, from 3.0 on. */
export function fishScript(program: CompletedCommand): string {
  return `# Completion of bigpeer for fish: bigpeer completion fish > ~/.config/fish/completions/bigpeer.fish
function __bigpeer_stacks
    for file in Pulumi.*.yaml
        string replace --regex '^Pulumi\\.(.+)\\.yaml$' '$1' $file
    end
end

function __bigpeer_environments
    for file in topologies/*.yaml
        string replace --regex '^topologies/(.+)\\.yaml$' '$1' $file
    end
end

# The words before the cursor that are no options.
function __bigpeer_given
    set -l words (commandline -opc)
    set -e words[1]
    string match --invert -- '-*' $words
end

# Whether the words before the cursor begin with this command.
function __bigpeer_in
    set -l given (__bigpeer_given)
    set -l begin $given[1..(count $argv)]
    test "$begin" = "$argv"
end

# Whether the words before the cursor are this command and nothing more.
function __bigpeer_at
    set -l given (__bigpeer_given)
    test "$given" = "$argv"
end

complete --command bigpeer --no-files
${linesOf(program).join("\n")}
`;
}

function linesOf({ path, options, arguments: places, commands }: CompletedCommand): string[] {
  const words = path.join(" ");
  const below = path.length === 0 ? "__bigpeer_at" : `__bigpeer_in ${words}`;
  return [
    ...commands.map(({ path: each, about }) =>
      line(path.length === 0 ? "__bigpeer_at" : `__bigpeer_at ${words}`, [`--arguments ${each.at(-1)}`], about),
    ),
    ...options.map((option) => line(below, optionParts(option), option.about)),
    ...places.flatMap(({ values }) => (values === "unknown" ? [] : [line(below, offer(values))])),
    ...commands.flatMap(linesOf),
  ];
}

function line(condition: string, parts: readonly string[], about?: string): string {
  const said = about === undefined ? [] : [`--description ${quoted(about)}`];
  return ["complete --command bigpeer", `--condition ${quoted(condition)}`, ...parts, ...said].join(" ");
}

function optionParts({ flags, value }: CompletedOption): string[] {
  const names = flags.map((flag) =>
    flag.startsWith("--") ? `--long-option ${flag.slice(2)}` : `--short-option ${flag.slice(1)}`,
  );
  if (value === undefined) return names;
  return [...names, "--require-parameter", ...(value === "unknown" ? [] : offer(value))];
}

function offer(values: Exclude<Values, "unknown">): string[] {
  if (values === "files") return ["--force-files"];
  if (values === "stacks") return [`--arguments '(__bigpeer_stacks)'`];
  if (values === "environments") return ["--force-files", `--arguments '(__bigpeer_environments)'`];
  return [`--arguments ${quoted(values.join(" "))}`];
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
