import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectVersions } from "../cli/project/project-versions.ts";
import { projectFiles } from "../init/project-files.ts";
import { templateAnswers } from "../init/pulumi-template.ts";
import { installPackages, packPackages } from "../scripts/packed-packages.ts";
import { scratchFolder } from "./scratch.ts";

/** A project as users have it: this package as it is released, packed and installed, and the program that `bigpeer init` writes. @returns its folder */
export async function installedProject(): Promise<string> {
  const folder = scratchFolder("installed");
  const packed = await packPackages(scratchFolder("packed"));
  await installPackages(
    folder,
    packed.map(({ file }) => file),
  );
  for (const { path, text } of projectFiles({ ...templateAnswers, project: "bench" }, projectVersions())) {
    if (path === "package.json") continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
