import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "../usage-error.ts";
import { packageFolder } from "./package-folder.ts";

/** A checkout of this project is a Pulumi project itself, which its commands mean wherever they are called. */
const checkout = import.meta.filename.endsWith(".ts") ? packageFolder : undefined;

/** The Pulumi project that a command means: the given folder, else the nearest one at or above the current folder.
 * @throws UsageError if there is none */
export function projectFolder(given?: string): string {
  if (given !== undefined) return resolve(given);
  const found = checkout ?? nearestProject(process.cwd());
  if (found === undefined)
    throw new UsageError(
      "there is no Pulumi.yaml here or in a folder above: change to the folder of your project, name it with --project if the command has that option, or create one with `npx bigpeer init`",
    );
  return found;
}

/** Where labs keep their files: `$BIGPEER_LAB_HOME`, else `.lab` in the project, or in the current folder where there is none. */
export function labHome(): string {
  return process.env.BIGPEER_LAB_HOME || join(checkout ?? nearestProject(process.cwd()) ?? process.cwd(), ".lab");
}

/** The Pulumi project of the current folder: the nearest at or above it, or this checkout; undefined where there is none. */
export function projectAbove(): string | undefined {
  return checkout ?? nearestProject(process.cwd());
}

/** The folder whose `topologies/` has the names that a command line uses: the nearest project's, else the current one. */
export function namingFolder(): string {
  return nearestProject(process.cwd()) ?? process.cwd();
}

function nearestProject(folder: string): string | undefined {
  if (existsSync(join(folder, "Pulumi.yaml"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestProject(parent);
}
