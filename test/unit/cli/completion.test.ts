import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bashScript } from "../../../cli/completion/bash.ts";
import { fishScript } from "../../../cli/completion/fish.ts";
import { type CompletedCommand, completedCommands } from "../../../cli/completion/words.ts";
import { zshScript } from "../../../cli/completion/zsh.ts";
import { commandLine } from "../../../cli/usage/command-line.ts";

const program = completedCommands(await commandLine());
const commands = everyCommand(program);

function everyCommand(command: CompletedCommand): CompletedCommand[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "bigpeer-completion-"));
  mkdirSync(join(directory, "topologies"));
  for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.shop-east.yaml", "topologies/shop.yaml"])
    writeFileSync(join(directory, name), "");
  writeFileSync(join(directory, "bash"), bashScript(program));
  writeFileSync(join(directory, "zsh"), zshScript(program));
  writeFileSync(join(directory, "fish"), fishScript(program));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What bash offers behind `bigpeer`, as it splits the words itself: `=` and `:` stand alone. */
function offered(...words: string[]): string[] {
  const script = `source ./bash; COMP_WORDS=(bigpeer "$@"); COMP_CWORD=$#; _bigpeer; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const printed = execFileSync("bash", ["-u", "-c", script, "bash", ...words], { cwd: directory, encoding: "utf8" });
  return printed.split("\n").filter((line) => line !== "");
}

test("bash takes the script, and registers it for bigpeer", () => {
  execFileSync("bash", ["-n", join(directory, "bash")]);
  const registered = execFileSync("bash", ["-c", "source ./bash; complete -p bigpeer"], { cwd: directory });
  expect(registered.toString()).toBe("complete -o default -F _bigpeer bigpeer\n");
});

describe("bash offers", () => {
  test("every command, and help", () => {
    const names = offered("");
    expect(names).toEqual(program.commands.map(({ path }) => path[0]));
    expect(names).toEqual(expect.arrayContaining(["check", "deploy", "dev", "lab", "explain-rule", "help"]));
  });

  test.each(commands.map((command): [string, CompletedCommand] => [command.path.join(" "), command]))(
    "the options of bigpeer %s",
    (_, { path, options }) => {
      expect(offered(...path, "-")).toEqual(options.flatMap(({ flags }) => flags));
    },
  );

  test.each<[words: string[], expected: string[]]>([
    [["ch"], ["check"]],
    [
      ["lab", ""],
      ["up", "env", "status", "down", "tools"],
    ],
    [["lab", "up", "--n"], ["--name"]],
    [["help", "ver"], ["verify"]],
    [
      ["check", "--stack", ""],
      ["dev", "shop-east"],
    ],
    [["check", "good.yaml", "-s", "sh"], ["shop-east"]],
    [
      ["verify", "--reach", ""],
      ["port-forward", "cluster-ip"],
    ],
    [["verify", "--reach", "=", "c"], ["cluster-ip"]],
    [
      ["verify", "--reach", "="],
      ["port-forward", "cluster-ip"],
    ],
    [
      ["verify", "--reach", "cluster-ip", "--api-version", ""],
      ["v4", "v5"],
    ],
    [["deploy", ""], ["shop"]],
    [["deploy", "--parallel", "2", ""], ["shop"]],
    [["dev", ""], ["shop"]],
    [["explain-rule", "flows"], ["flows-back"]],
    [["explain-rule", "missing-c"], ["missing-crd"]],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    // Files are readline's.
    [["check", ""], []],
    // A second environment is none.
    [["deploy", "shop", ""], []],
  ])("behind %j: %j", (words, expected) => {
    expect(offered(...words)).toEqual(expected);
  });
});

describe.each([
  ["zsh", zshScript(program), ["-n"]],
  ["fish", fishScript(program), ["--no-execute"]],
])("the script for %s", (shell, script, checking) => {
  test("has every command with its options, and quotes what it says of them", () => {
    for (const { path, options, about } of commands) {
      expect(script).toContain(path.at(-1) ?? "_bigpeer");
      if (path.length > 0) expect(unquoted(script)).toContain(about);
      for (const { flags } of options)
        for (const flag of flags) expect(script).toContain(shell === "zsh" ? flag : ` ${flag.replace(/^-+/, "")} `);
    }
    // Each line of text is closed: an odd quote would swallow all that follows.
    for (const line of script.split("\n").filter((each) => !each.startsWith("#")))
      expect(line.replaceAll("'\\''", "").replaceAll("\\'", "").split("'").length % 2, line).toBe(1);
  });

  test.skipIf(spawnSync(shell, ["--version"]).error !== undefined)("is valid", () => {
    execFileSync(shell, [...checking, join(directory, shell)]);
  });
});

/** Each types a beginning, presses the tab key, and prints what the shell makes of it. */
const typed = {
  fish: (beginning: string) => `source ${join(directory, "fish")}; complete -C '${beginning}'`,
  // In a terminal of its own, since only a line that is being edited is completed.
  zsh: (beginning: string) => `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell 'fpath=(${join(directory, "functions")} $fpath); autoload -Uz compinit; compinit -u -D; print REA""DY'
    zpty -r shell answer '*READY*'
    zpty -w -n shell $'${beginning}\\t'
    zpty -r shell answer '*${beginning}[a-z]* *'
    print -r -- "$answer"`,
};

describe.each(["zsh", "fish"] as const)("in %s", (shell) => {
  test.skipIf(spawnSync(shell, ["--version"]).error !== undefined).each([
    ["bigpeer dep", "deploy"],
    ["bigpeer verify --rep", "--replication"],
    ["bigpeer lab dow", "down"],
  ])("%j and the tab key give %j", (beginning, offered) => {
    mkdirSync(join(directory, "functions"), { recursive: true });
    writeFileSync(join(directory, "functions/_bigpeer"), zshScript(program));
    const printed = execFileSync(shell, [shell === "zsh" ? "-fc" : "-c", typed[shell](beginning)], {
      encoding: "utf8",
      // Neither reads nor leaves anything in the home of whoever runs the test.
      env: { ...process.env, HOME: directory, XDG_CONFIG_HOME: undefined, XDG_DATA_HOME: undefined },
      timeout: 15_000,
    });
    expect(printed).toContain(offered);
  });
});

/** The text of a script as its shell reads it. */
function unquoted(script: string): string {
  return script
    .replaceAll("'\\''", "'")
    .replaceAll("\\'", "'")
    .replace(/\\([:[\]])/g, "$1");
}
