import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";

/** The folder of this package, in a checkout as where it is installed. */
export const packageFolder = dirname(createRequire(import.meta.url).resolve("bigpeer-topology/package.json"));

const manifest = z.object({
  version: z.string(),
  engines: z.object({ node: z.string() }),
  dependencies: z.record(z.string(), z.string()),
});

/** What this package's package.json says. */
export function readPackage(): z.output<typeof manifest> {
  return manifest.parse(JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")));
}
