import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { installPackages, packPackages } from "../../scripts/packed-packages.ts";
import type { Figure } from "../figure.ts";
import type { Part } from "../part.ts";
import { scratchFolder } from "../scratch.ts";

/** What an installation downloads and keeps. */
export const packageSizes: Part = {
  name: "package",
  lab: false,
  async measure({ quick }) {
    const packed = await packPackages(scratchFolder("packed"));
    const figure = (name: string, subject: string, unit: Figure["unit"], value: number): Figure => ({
      part: "package",
      name,
      unit,
      subject: { name: subject, values: [value] },
    });
    const tarballs = packed.flatMap(({ name, file, files }) => [
      figure("tarball", name, "KiB", statSync(file).size / 1024),
      figure("files in it", name, "files", files),
    ]);
    // test/e2e/package.test.ts installs the same tarballs by the same function.
    if (quick) return tarballs;
    const folder = scratchFolder("installation");
    const core = packed.filter(({ name }) => name === "bigpeer-topology");
    await installPackages(
      folder,
      core.map(({ file }) => file),
    );
    const modules = join(folder, "node_modules");
    const own = bytesIn(join(modules, "bigpeer-topology"));
    return [
      ...tarballs,
      figure("installed, itself", "bigpeer-topology", "KiB", own / 1024),
      figure("installed, its dependencies", "bigpeer-topology", "MiB", (bytesIn(modules) - own) / 1024 / 1024),
    ];
  },
};

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
