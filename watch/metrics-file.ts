import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Replaces a file at once, so that a reader sees the old text or the new one and never a part: the new text is written beside it, under a
 * name that the textfile collector (`*.prom`) does not read, and renamed. Everybody may read it, since the collector runs as another user.
 * @throws Error if the folder cannot be written
 */
export function replaceFile(file: string, text: string): void {
  const beside = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`);
  try {
    writeFileSync(beside, text);
    chmodSync(beside, 0o644);
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}
