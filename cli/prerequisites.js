/**
 * Checks that the commands can run at all: they need a Node.js that is new enough, and the packages. This is JavaScript that any
 * Node.js reads, and imports no package, so that it can say what is missing where everything else would end in a stack trace. Loaded by
 * cli/bigpeer.js before the commands.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const checkout = existsSync(join(project, "cli/bigpeer.ts"));

function missing() {
  const lowest = JSON.parse(readFileSync(join(project, "package.json"), "utf8")).engines.node.replace(">=", "");
  if (isOlder(process.versions.node, lowest))
    return checkout
      ? `Node.js ${process.version} is too old: install ${lowest} or newer, or run \`npm ci\` in ${project} and run the command with npm or npx, which use the project's own Node.js`
      : `bigpeer-topology needs Node.js ${lowest} or newer, and this is ${process.version}: install a newer one, such as Node.js 24 (https://nodejs.org)`;
  if (!checkout) return undefined;
  if (!process.features.typescript)
    return `this Node.js ${process.version} was started or built without its TypeScript support, and a checkout of bigpeer-topology needs it`;
  try {
    import.meta.resolve("commander");
    return undefined;
  } catch {
    return `the packages are not installed: run \`npm ci\` in ${project}`;
  }
}

function isOlder(version, lowest) {
  const [one, other] = [version, lowest].map((each) => each.split(".").map(Number));
  const at = one.findIndex((part, index) => part !== other[index]);
  return at >= 0 && one[at] < other[at];
}

const reason = missing();
if (reason !== undefined) {
  console.error(`error: ${reason}`);
  process.exit(2);
}
