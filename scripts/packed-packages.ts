import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const run = promisify(execFile);
const root = join(import.meta.dirname, "..");

/** npm and what it starts run by the Node.js that runs this. */
const environment = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };

export interface PackedPackage {
  readonly name: string;
  /** Path of the tarball. */
  readonly file: string;
  /** How many files are in it. */
  readonly files: number;
}

/** Builds and packs both packages as a release does, into a folder. */
export async function packPackages(folder: string): Promise<PackedPackage[]> {
  mkdirSync(folder, { recursive: true });
  await run(process.execPath, [join(root, "scripts/build.ts")]);
  return [await pack(root, folder), await pack(join(root, "lab"), folder)];
}

const answer = z.object({ name: z.string(), filename: z.string(), entryCount: z.number() });
/** npm 12 gives an object by name, those before it a list. */
const report = z.union([z.tuple([answer]), z.record(z.string(), answer)]);

async function pack(folder: string, destination: string): Promise<PackedPackage> {
  const flags = ["--json", "--ignore-scripts", "--pack-destination", destination];
  const { stdout } = await run("npm", ["pack", ...flags], {
    cwd: folder,
    env: environment,
    maxBuffer: 16 * 1024 * 1024,
  });
  const [packed] = Object.values(report.parse(JSON.parse(stdout)));
  if (!packed) throw new Error(`npm pack in ${folder} has packed nothing`);
  const { name, filename, entryCount } = packed;
  return { name, file: join(destination, filename), files: entryCount };
}

const manifestOf = z.looseObject({ dependencies: z.record(z.string(), z.string()).default({}) });

/**
 * Installs packages into a folder, with what its package.json names if it has one. Pulumi's packages are those of this checkout, and not the
 * newest of their range, so that the same is installed tomorrow.
 */
export async function installPackages(folder: string, packages: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "package.json");
  const text = existsSync(file) ? readFileSync(file, "utf8") : '{ "private": true, "type": "module" }';
  const manifest = manifestOf.parse(JSON.parse(text));
  const overrides = pulumiVersions();
  const named = Object.entries(manifest.dependencies).map(([name, range]) => [name, overrides[name] ?? range]);
  writeFileSync(file, JSON.stringify({ ...manifest, dependencies: Object.fromEntries(named), overrides }, null, 2));
  const flags = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await run("npm", ["install", ...flags, ...packages], { cwd: folder, env: environment });
}

function pulumiVersions(): Readonly<Record<string, string>> {
  const folder = join(root, "node_modules/@pulumi");
  const version = z.object({ version: z.string() });
  return Object.fromEntries(
    readdirSync(folder).map((name) => [
      `@pulumi/${name}`,
      version.parse(JSON.parse(readFileSync(join(folder, name, "package.json"), "utf8"))).version,
    ]),
  );
}
