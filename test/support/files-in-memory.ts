import { posix } from "node:path";
import type { Files } from "../../topology/expand/files.ts";
import { parseSource, type Source } from "../../topology/file/source.ts";

/** A topology of several files, by their names; the first is the topology itself. Folders are those that names have. */
export function sourceOf(texts: Readonly<Record<string, string>>): Source {
  const [[file, text] = ["", ""]] = Object.entries(texts);
  return parseSource(file, text, filesOf(texts));
}

function filesOf(texts: Readonly<Record<string, string>>): Files {
  return {
    read: (name) => {
      const text = texts[name];
      return text === undefined ? { problem: "there is none" } : { bytes: Buffer.from(text) };
    },
    list: (folder) => {
      const inside = Object.keys(texts).filter((name) => posix.dirname(name) === folder);
      return inside.length === 0 || texts[folder] !== undefined
        ? undefined
        : inside.map((name) => posix.basename(name));
    },
    isOutside: (path) => path.startsWith(".."),
  };
}
