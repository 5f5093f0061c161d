import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";

/** Where the files are that a topology is made of: a folder on disk, or a revision of git. */
export interface Files {
  /** What a file holds, or why it cannot be read. */
  read(file: string): { readonly bytes: Buffer } | { readonly bytes?: undefined; readonly problem: string };
  /** The names of the files in a folder; undefined where there is no such folder. */
  list(folder: string): readonly string[] | undefined;
  /** Whether a file or folder is outside of the repository, by its name or behind a symbolic link. */
  isOutside(path: string): boolean;
}

/** For a text that comes from elsewhere: what it names cannot be found. */
export const noFiles: Files = {
  read: () => ({ problem: "the text was read alone, without the files beside it" }),
  list: () => undefined,
  isOutside: () => false,
};

/** In the place of a topology's file: its text comes from the standard input, and its includes from the current folder. */
export const standardInput = "-";

/** A stream can be read once, and a command may look at its topology several times. */
let fromStandardInput: Buffer | undefined;

/** The files of the repository in which a topology is. */
export function filesOnDisk(topology: string): Files {
  let root: string | undefined;
  return {
    read: (file) => {
      try {
        if (file !== standardInput || topology !== standardInput) return { bytes: readFileSync(file) };
        fromStandardInput ??= readFileSync(process.stdin.fd);
        return { bytes: fromStandardInput };
      } catch (error) {
        return { problem: error instanceof Error ? error.message : String(error) };
      }
    },
    list: (folder) => {
      if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return undefined;
      return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map(({ name }) => name);
    },
    isOutside: (path) => {
      root ??= realpathSync(repositoryOf(dirname(resolve(topology))));
      const real = realPath(resolve(path));
      return real !== root && !real.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
    },
  };
}

/** A path without symbolic links, as far as it is there. */
function realPath(path: string): string {
  return existsSync(path) || dirname(path) === path
    ? realpathSync(path)
    : join(realPath(dirname(path)), basename(path));
}

/** The nearest folder above with a repository in it, else with a Pulumi project, else the topology's own. */
function repositoryOf(folder: string): string {
  return above(folder, ".git") ?? above(folder, "Pulumi.yaml") ?? folder;
}

function above(folder: string, name: string): string | undefined {
  if (existsSync(join(folder, name))) return folder;
  return dirname(folder) === folder ? undefined : above(dirname(folder), name);
}
