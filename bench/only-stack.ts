import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../lab/engine.ts";
import { scratchFolder } from "./scratch.ts";

const root = join(import.meta.dirname, "..");

/** A folder that looks like the project and knows one stack. */
export function onlyStack(engine: Engine, stack: string): string {
  const folder = join(scratchFolder("project"), stack);
  mkdirSync(folder);
  cpSync(join(engine.directory, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  cpSync(engine.configFile(stack), join(folder, `Pulumi.${stack}.yaml`));
  for (const name of ["index.ts", "package.json", "node_modules", "speed"])
    symlinkSync(join(root, name), join(folder, name));
  return folder;
}
