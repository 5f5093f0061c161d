import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";

const versions = z.record(z.string(), z.string());
const manifest = z
  .object({ dependencies: versions, devDependencies: versions, allowScripts: z.record(z.string(), z.boolean()) })
  .parse(JSON.parse(readFileSync("package.json", "utf8")));
const lockText = readFileSync("package-lock.json", "utf8");
const locked = z
  .object({
    packages: z.record(
      z.string(),
      z.object({ hasInstallScript: z.boolean().optional(), integrity: z.string().optional() }),
    ),
  })
  .parse(JSON.parse(lockText)).packages;

test("every dependency is pinned to one version, and every package to its content", () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  // A program has one Pulumi SDK, so those who use other packages of Pulumi's beside this one may take a later version for all of them.
  const shared = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  expect(shared.map(([name]) => name)).toEqual(Object.keys(all).filter((name) => name.startsWith("@pulumi/")));
  expect(shared.filter(([, version]) => !/^\^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  const loose = Object.entries(locked).filter(
    ([path, { integrity }]) => path !== "" && !integrity?.startsWith("sha512-"),
  );
  expect(loose.map(([path]) => path)).toEqual([]);
});

test("no package may run a script when it is installed, but node, which fetches the program of its version", () => {
  const scripted = Object.entries(locked).flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript ? [path.replace(/^.*node_modules\//, "")] : [],
  );
  // Those that are refused are not needed: one installs a Pulumi plugin, the other warns of a version.
  expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(scripted)].sort());
  expect(Object.entries(manifest.allowScripts).flatMap(([name, allowed]) => (allowed ? [name] : []))).toEqual(["node"]);
});

test("the lock file names no registry", () => {
  expect(lockText).not.toContain('"resolved"');
});
