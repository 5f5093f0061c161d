import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const host = fileURLToPath(new URL("plugin-host.cjs", import.meta.url));

/**
 * A folder that goes before all others on PATH where the lab's engine has to run a plugin of Node.js components (PulumiPlugin.yaml). The lab's
 * own language host for Node.js is older than such plugins. What is put in its place runs them, and nothing else.
 */
export function pluginHostFolder(directory: string): string {
  mkdirSync(directory, { recursive: true });
  const program = join(directory, "pulumi-language-nodejs");
  const command = [process.execPath, host].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  writeFileSync(program, `#!/bin/sh\nexec ${command.join(" ")} "$@"\n`);
  chmodSync(program, 0o755);
  return directory;
}
