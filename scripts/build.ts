import { spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type BuiltPackage, withPackageNames } from "./built-imports.ts";

/**
 * Builds the two packages as JavaScript with declarations and source maps: bigpeer-topology into dist/, bigpeer-topology-lab into
 * lab/dist/. Types are not checked: `npm run typecheck` does that.
 */
const root = join(import.meta.dirname, "..");
const packages: readonly BuiltPackage[] = [
  { name: "bigpeer-topology-lab", folder: "lab" },
  { name: "bigpeer-topology", folder: "" },
];
const [core, lab] = [join(root, "dist"), join(root, "lab/dist")];
for (const folder of [core, lab]) rmSync(folder, { recursive: true, force: true });

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const page = join(root, "topology/page");
for (const options of [
  ["-p", join(root, "tsconfig.build.json")],
  // What runs in a browser has the types of a browser, and is read when a page is written.
  [
    ...["-p", join(page, "browser"), "--rootDir", page, "--outDir", join(core, "topology/page")],
    ...["--noEmit", "false", "--noCheck", "--rewriteRelativeImportExtensions"],
  ],
]) {
  const { status } = spawnSync(process.execPath, [tsc, ...options], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
cpSync(join(page, "browser/page.css"), join(core, "topology/page/browser/page.css"));

// What Node loads before its TypeScript compiler is JavaScript as it stands; the lab's programs are built where they are used.
for (const folder of ["program", "speed", "lab/language"])
  for (const name of readdirSync(join(root, folder)))
    if (/\.(cjs|sh)$/.test(name)) cpSync(join(root, folder, name), join(core, folder, name));
cpSync(join(root, "lab/providers/bin"), join(core, "lab/providers/bin"), { recursive: true });
cpSync(join(root, "lab/go"), join(core, "lab/go"), { recursive: true });

for (const file of readdirSync(core, { recursive: true, encoding: "utf8" })) {
  if (!/\.(js|cjs|d\.ts)$|\/pulumi-resource-random$/.test(file)) continue;
  const path = join(core, file);
  const text = readFileSync(path, "utf8");
  const built = withPackageNames(text, file, packages);
  if (built !== text) writeFileSync(path, built);
}
renameSync(join(core, "lab"), lab);
cpSync(join(root, "LICENSE"), join(lab, "LICENSE"));
