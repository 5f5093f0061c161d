import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "tar";

/** A file of an archive: its path with `/`, and its content. */
export interface ArchivedFile {
  readonly path: string;
  readonly text: string;
}

/** Writes a tar.gz that only its owner may read. @param folder the one folder that it unpacks to */
export async function writeArchive(file: string, folder: string, files: readonly ArchivedFile[]): Promise<void> {
  const temporary = mkdtempSync(join(tmpdir(), "bigpeer-support-"));
  try {
    for (const { path, text } of files) {
      const place = join(temporary, folder, ...path.split("/"));
      mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
      writeFileSync(place, text, { mode: 0o600 });
    }
    // Portable: nothing of this machine's users and times goes into it.
    await create({ gzip: true, portable: true, cwd: temporary, file, mode: 0o600 }, [folder]);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
