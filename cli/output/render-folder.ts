import { lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isRendered, type RenderedFile } from "../../topology/render/files.ts";

/** A file of the folder, against what it should be. */
export interface FileState {
  readonly path: string;
  /** `stale`: of an earlier rendering, and no longer part of it. `foreign`: in the way, and not ours. */
  readonly state: "current" | "missing" | "different" | "stale" | "foreign";
}

/** Compares a folder with a rendering; writes nothing. Files that are not ours count only where one of ours belongs.
 * @param isOurs whether a file with this text is one of the rendering's */
export function compareFolder(
  folder: string,
  files: readonly RenderedFile[],
  isOurs: (text: string) => boolean = isRendered,
): FileState[] {
  const wanted = new Set(files.map(({ path }) => path));
  const states = files.map(({ path, text }): FileState => {
    const there = readIfThere(join(folder, path));
    if (there === text) return { path, state: "current" };
    if (there === undefined) return { path, state: "missing" };
    return { path, state: isOurs(there) ? "different" : "foreign" };
  });
  const stale = writtenFiles(folder)
    .filter((path) => !wanted.has(path) && isOurs(readIfThere(join(folder, path)) ?? ""))
    .map((path): FileState => ({ path, state: "stale" }));
  return [...states, ...stale];
}

/** Makes the folder what the rendering says. Of its files only those that are ours are touched. */
export function writeFolder(folder: string, files: readonly RenderedFile[], states: readonly FileState[]): void {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  for (const { path, state } of states) {
    const file = join(folder, path);
    const text = texts.get(path);
    if (state === "stale") {
      rmSync(file);
      removeEmpty(folder, dirname(path));
    } else if (text !== undefined && (state === "missing" || state === "different")) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
}

/** Links are not followed: what they lead to is not in the folder. */
function writtenFiles(folder: string, under = ""): string[] {
  return entries(join(folder, under)).flatMap((entry) => {
    const path = under === "" ? entry.name : `${under}/${entry.name}`;
    if (entry.isDirectory()) return writtenFiles(folder, path);
    return entry.isFile() && /\.(yaml|json)$/.test(path) ? [path] : [];
  });
}

function entries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** "" for what is there and is no file, so that it counts as somebody else's. */
function readIfThere(file: string): string | undefined {
  try {
    return lstatSync(file).isFile() ? readFileSync(file, "utf8") : "";
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function removeEmpty(folder: string, under: string): void {
  if (under === "." || readdirSync(join(folder, under)).length > 0) return;
  rmdirSync(join(folder, under));
  removeEmpty(folder, dirname(under));
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
