/**
 * Checks that the commands can run at all: they need a Node.js that runs TypeScript, and the packages. This is JavaScript and imports no
 * package, so that it can say what is missing where everything else would end in a stack trace. Loaded by cli/bigpeer.js before the commands.
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const project = dirname(dirname(fileURLToPath(import.meta.url)));

function missing() {
  if (!process.features.typescript)
    return `Node.js ${process.version} cannot run TypeScript: install 22.18 or newer, or run \`npm ci\` in ${project} and call the command by npm or npx, which take the project's own`;
  try {
    import.meta.resolve("commander");
    return undefined;
  } catch {
    return `the packages are not installed: run \`npm ci\` in ${project}`;
  }
}

const reason = missing();
if (reason !== undefined) {
  console.error(`error: ${reason}`);
  process.exit(2);
}
