import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ProjectFile } from "./project-files.ts";

/** Which files were written, and which were there already and stay as they are. */
export interface WrittenFiles {
  readonly written: readonly ProjectFile[];
  readonly left: readonly ProjectFile[];
}

/** Writes the files that a folder does not have yet. */
export function writeMissing(folder: string, files: readonly ProjectFile[]): WrittenFiles {
  const [written, left]: [ProjectFile[], ProjectFile[]] = [[], []];
  for (const file of files) {
    const path = join(folder, file.path);
    if (isWritten(path, file.text)) written.push(file);
    // Nothing is left to do in a file that is as it would be written.
    else left.push(readFileSync(path, "utf8") === file.text ? { ...file, advice: undefined } : file);
  }
  return { written, left };
}

function isWritten(path: string, text: string): boolean {
  mkdirSync(dirname(path), { recursive: true });
  try {
    // Fails where there is a file, also one that has come since anybody looked.
    writeFileSync(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}
