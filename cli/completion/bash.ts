import type { CompletedCommand, Values } from "./words.ts";

/** The completion of bash, from 3.2 on. Where nothing is offered, readline completes files. */
export function bashScript(program: CompletedCommand): string {
  const all = everyCommand(program);
  const begins = all
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => quoted(` ${path.join(" ")}`.slice(path.length > 1 ? 1 : 0)));
  return `# Completion of bigpeer for bash: source <(bigpeer completion bash)
_bigpeer_stacks() { command ls Pulumi.*.yaml 2>/dev/null | sed -e 's/^Pulumi\\.//' -e 's/\\.yaml$//'; }
_bigpeer_environments() { command ls topologies/*.yaml 2>/dev/null | sed -e 's/^topologies\\///' -e 's/\\.yaml$//'; }
_bigpeer_offer() { COMPREPLY=($(compgen -W "$1" -- "\${COMP_WORDS[COMP_CWORD]#=}")); }
_bigpeer_nothing() { compopt +o default 2>/dev/null; }

_bigpeer() {
  local index word value= command= position=0
  COMPREPLY=()
  # The command that was written, how many arguments it has already, and whether the last word waits for a value.
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    # Bash takes --option=value and revision:file apart.
    [[ $word == = ]] && continue
    if [[ $value ]]; then
      value=
      continue
    fi
    case "$command $word" in
      ${begins.join(" | ")}) command="\${command:+$command }$word" ;;
      ${all.flatMap(takingValues).map(quoted).join(" | ")}) value=$word ;;
      *" -"*) ;;
      *" :") position=$((position - 1)) ;;
      *) position=$((position + 1)) ;;
    esac
  done
  if [[ $value ]]; then
    case "$command $value" in
${all.flatMap(valueCases).join("\n")}
    esac
  elif [[ \${COMP_WORDS[COMP_CWORD]} == -* ]]; then
    case $command in
${all.map(({ path, options }) => `      ${quoted(path.join(" "))}) _bigpeer_offer ${quoted(options.flatMap(({ flags }) => flags).join(" "))} ;;`).join("\n")}
    esac
  else
    case "$command $position" in
${all.flatMap(argumentCases).join("\n")}
      *) _bigpeer_nothing ;;
    esac
  fi
}
complete -o default -F _bigpeer bigpeer
`;
}

function everyCommand(command: CompletedCommand): CompletedCommand[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** Each option that takes a value, as the script sees it: behind its command. */
function takingValues({ path, options }: CompletedCommand): string[] {
  return options
    .filter(({ value }) => value !== undefined)
    .flatMap(({ flags }) => flags.map((flag) => `${path.join(" ")} ${flag}`));
}

function valueCases({ path, options }: CompletedCommand): string[] {
  return options.flatMap(({ flags, value }) =>
    value === undefined
      ? []
      : [`      ${flags.map((flag) => quoted(`${path.join(" ")} ${flag}`)).join(" | ")}) ${offer(value)} ;;`],
  );
}

function argumentCases({ path, commands, arguments: places }: CompletedCommand): string[] {
  const command = path.join(" ");
  if (commands.length > 0)
    return [`      ${quoted(`${command} 0`)}) ${offer(commands.map((each) => each.path.at(-1) ?? ""))} ;;`];
  return places.map(({ values, variadic }, index) => {
    const place = variadic ? `${quoted(`${command} `)}*` : quoted(`${command} ${index}`);
    return `      ${place}) ${offer(values)} ;;`;
  });
}

function offer(values: Values): string {
  if (values === "files") return ":";
  if (values === "unknown") return "_bigpeer_nothing";
  if (values === "stacks" || values === "environments") return `_bigpeer_offer "$(_bigpeer_${values})"`;
  return `_bigpeer_offer ${quoted(values.join(" "))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
