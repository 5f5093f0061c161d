import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, extname, join, relative, resolve } from "node:path";
import { standardInput } from "../../topology/expand/files.ts";
import { readSource } from "../../topology/file/source.ts";
import { suggestion } from "../../topology/findings/suggest.ts";
import type { Selection } from "../../topology/selection/selection.ts";
import { namingFolder } from "../project/project-folder.ts";
import { configuredTopology } from "../stacks/environment-stacks.ts";
import { UsageError } from "../usage-error.ts";
import { fileAmong } from "./selected.ts";

/** The topology that a command means: the one it names, else the one that a stack's configuration names.
 * @param selection the names that the command selects by, among which the file may stand by mistake
 * @throws UsageError if there is no such file */
export function topologyFile(
  argument: string | undefined,
  stack: string | undefined,
  selection: Selection = {},
): string {
  if (argument !== undefined) return namedTopology(argument, namingFolder());
  const file = configuredTopology(stack ?? "dev", process.cwd());
  if (!existsSync(file))
    throw new UsageError(
      [
        `there is no topology file ${file}; name one as the argument, or a stack by --stack`,
        ...(argument === undefined ? fileAmong(selection) : []),
      ].join("\n"),
    );
  return file;
}

/**
 * One topology of the command line: a file, a name in a project's `topologies/`, a folder that has one topology, or `-` for the standard
 * input.
 * @throws UsageError if there is none, or a folder has several
 */
export function namedTopology(argument: string, project: string): string {
  const [only, ...others] = namedTopologies(argument, project);
  if (only === undefined) throw new UsageError(notThere(argument, project));
  if (others.length > 0)
    throw new UsageError(
      `the folder ${argument} has ${others.length + 1} topologies; name one of them: ${[only, ...others].join(", ")}`,
    );
  return only;
}

/**
 * All topologies that an argument of the command line names: those of a folder, else one.
 * @returns none where there is no such file, name or folder
 * @throws UsageError if a folder has none
 */
export function namedTopologies(argument: string, project: string): string[] {
  if (argument === standardInput) return [argument];
  const isFolder = statSync(argument, { throwIfNoEntry: false })?.isDirectory();
  if (isFolder === false) return [argument];
  const named = inProject(argument, project);
  if (named !== undefined) return [named];
  if (isFolder === undefined) return [];
  const found = topologiesIn(argument);
  if (found.length === 0) throw new UsageError(`the folder ${argument} has no topology (*.yaml) in it`);
  return found;
}

/** The sentence that an argument names no topology, with what it may mean. */
export function notThere(argument: string, project: string): string {
  if (isPath(argument)) return `there is no topology file ${argument}`;
  const folder = join(project, "topologies");
  const known = existsSync(folder) ? topologiesIn(folder).map((file) => basename(file, extname(file))) : [];
  return known.length === 0
    ? `there is no topology "${argument}": there is no such file, and no folder ${fromHere(folder)} with topologies`
    : `there is no topology "${argument}": there is no such file, and ${fromHere(folder)} has none of that name; ${suggestion(argument, known, "topology")}`;
}

/** True if an argument can only be meant as a path. */
export function isPath(argument: string): boolean {
  return /[\\/]|\.ya?ml$/.test(argument);
}

function inProject(name: string, project: string): string | undefined {
  if (isPath(name)) return undefined;
  const files = extensions.map((extension) => join(project, "topologies", `${name}${extension}`));
  const found = files.find((file) => existsSync(file));
  return found === undefined ? undefined : fromHere(found);
}

const extensions = [".yaml", ".yml"];

/** As a person would write it: paths below the current folder are short. */
function fromHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}

/** The topologies in a folder. What another one of them includes is a part of that one. */
function topologiesIn(folder: string): string[] {
  const files = readdirSync(folder)
    .filter((name) => extensions.includes(extname(name)) && !/^(?:\.|Pulumi\.)/.test(name))
    .sort()
    .map((name) => join(folder, name));
  const parts = new Set(
    files.flatMap((file) => readSource(file).parts.flatMap((part) => (part.file === file ? [] : [resolve(part.file)]))),
  );
  return files.filter((file) => !parts.has(resolve(file)));
}

/** Refuses the standard input where a command changes the topology in its file.
 * @param what the option or command that does so
 * @throws UsageError */
export function assertWritable(file: string, what: string): void {
  if (file === standardInput)
    throw new UsageError(`${what} changes the topology file, so name a file, not the standard input`);
}
