/** `export` lines for bash, zsh and every other POSIX shell: the variables in which an environment differs from this process'. */
export function exportLines(env: NodeJS.ProcessEnv, own: NodeJS.ProcessEnv = process.env): string {
  return Object.entries(env)
    .filter(([name, value]) => value !== undefined && value !== own[name])
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value = ""]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join("");
}
