import { createHash } from "node:crypto";
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { fingerprint } from "../topology/objects/stack-share.ts";

const projectFile = z.looseObject({ main: z.string().optional() });
const manifest = z.looseObject({ name: z.string().optional(), version: z.string().optional() });

/** The folders of a checkout that its program is loaded from. */
export const programFolders = [
  "components",
  "dql",
  "engine",
  "kubernetes",
  "program",
  "report",
  "speed",
  "topology",
  "trust",
  "verify",
];

/** The whole program of a project that only deploys its topologies. */
const plainProgram =
  /^(?:import "[^"]*\/diagnostic-reports\.cjs"; )?import \{ program \} from "(?:\.\/program\/index\.ts|bigpeer-topology\/program)"; export default \(\) => program\((?:import\.meta\.dirname)?\);$/;

/**
 * The version of the program that a project's stacks run: of its packages, and in a checkout of its sources.
 * @returns undefined where it is not known what the program does: a project has code of its own, or a package that is being worked on
 */
export function programFingerprint(directory: string): string | undefined {
  try {
    const project = projectFile.parse(parse(readFileSync(join(directory, "Pulumi.yaml"), "utf8")));
    const main = realpathSync(join(directory, project.main ?? "index.ts"));
    if (!plainProgram.test(codeOf(readFileSync(main, "utf8")))) return undefined;
    const folder = dirname(main);
    const own = manifest.safeParse(jsonIn(join(folder, "package.json"))).data;
    if (own?.name === "bigpeer-topology")
      return fingerprint({ sources: sourcesIn(folder), packages: packagesFor(folder) });
    const installed = packageOf(createRequire(join(folder, "index.js")), "bigpeer-topology");
    // A package that is linked from elsewhere changes without another version.
    if (!installed.folder.includes(`${sep}node_modules${sep}`)) return undefined;
    return fingerprint({ version: installed.version, packages: packagesFor(installed.folder) });
  } catch {
    return undefined;
  }
}

/** Code in one line, without comments. */
function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "")
    .replace(/\s+/g, " ")
    .trim();
}

/** The packages that decide how an object is written. */
function packagesFor(folder: string): unknown {
  const from = createRequire(join(folder, "index.js"));
  return ["@pulumi/pulumi", "@pulumi/kubernetes", "@pulumi/random"].map((name) => [
    name,
    packageOf(from, name).version,
  ]);
}

function packageOf(
  from: NodeJS.Require,
  name: string,
): { readonly folder: string; readonly version: string | undefined } {
  const path = realpathSync(from.resolve(`${name}/package.json`));
  return { folder: dirname(path), version: manifest.parse(jsonIn(path)).version };
}

function jsonIn(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

function sourcesIn(checkout: string): string {
  const hash = createHash("sha256");
  const files = programFolders.flatMap((folder) =>
    readdirSync(join(checkout, folder), { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  );
  for (const file of [...files.filter((name) => /\.(?:ts|cjs|json)$/.test(name)), "package.json"].sort())
    hash.update(`${file}\n`).update(readFileSync(join(checkout, file)));
  return hash.digest("hex");
}
