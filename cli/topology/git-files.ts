import { join, normalize } from "node:path/posix";
import type { Files } from "../../topology/expand/files.ts";
import { git } from "./git.ts";

/** What a symbolic link is to git. */
const link = "120000";

/**
 * The files of a commit, for what a topology of that commit includes. Paths are from the repository's root; those that begin with a dot
 * are from the current folder, as git has them.
 */
export function filesOfCommit(commit: string, topology: string): Files {
  const prefix = /^\.\.?\//.test(topology) ? (git(["rev-parse", "--show-prefix"])?.trim() ?? "") : "";
  const inRepository = (path: string) => normalize(join(prefix, path.replaceAll("\\", "/")));
  const entriesOf = (folder: string) =>
    (git(["ls-tree", "-z", "--full-tree", commit, `${inRepository(folder).replace(/\/$/, "")}/`]) ?? "")
      .split("\0")
      .flatMap((line) => {
        const [, mode = "", type = "", name = ""] = /^(\d+) (\w+) \S+\t(.*)$/s.exec(line) ?? [];
        return name === "" ? [] : [{ mode, type, name: name.slice(name.lastIndexOf("/") + 1) }];
      });
  return {
    read: (file) => {
      const text = git(["show", "--end-of-options", `${commit}:${inRepository(file)}`]);
      return text === undefined ? { problem: `${commit.slice(0, 12)} has no such file` } : { bytes: Buffer.from(text) };
    },
    list: (folder) => {
      const entries = entriesOf(folder);
      return entries.length === 0 ? undefined : entries.filter(({ type }) => type === "blob").map(({ name }) => name);
    },
    isOutside: (path) => {
      const own = inRepository(path);
      if (own.startsWith("../") || own === "..") return true;
      // Of a link, git has what it leads to as a text, which would be read for the file.
      const [, mode] = /^(\d+) /.exec(git(["ls-tree", "--full-tree", commit, own]) ?? "") ?? [];
      return mode === link;
    },
  };
}
