import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const runner = fileURLToPath(import.meta.resolve("@pulumi/pulumi/cmd/run-plugin/index.js"));

/**
 * A plugin of Node.js components that the lab's engine can run. The lab's language host is older than such plugins, so the engine is given a
 * program, which starts the plugin as Pulumi's own language host does.
 * @param directory where the program is written
 * @param name of the package that the plugin serves
 * @returns the program; the engine finds it by its folder on PATH, and takes its path where a package is named by one
 */
export function labComponentPlugin(directory: string, name: string, plugin: string): string {
  mkdirSync(directory, { recursive: true });
  const program = join(directory, `pulumi-resource-${name}`);
  const command = [process.execPath, runner, resolve(plugin)].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  writeFileSync(program, `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}
