import { existsSync, readFileSync, statSync } from "node:fs";
import { join, normalize } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { ProjectFile } from "./project-files.ts";

/** A Pulumi project that is there already. */
export interface ExistingProject {
  /** Its project file, under one of the names that Pulumi takes. */
  readonly file: string;
  /** Its language, as Pulumi calls it: `nodejs`, `python`. Undefined where the file does not say it in a way that can be read. */
  readonly runtime: string | undefined;
  /** The file of its program, from the project's folder. */
  readonly program: string;
}

const projectFile = z.object({
  runtime: z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]).optional(),
  main: z.string().optional(),
});

/** The Pulumi project of a folder; undefined: it has none. */
export function existingProject(folder: string): ExistingProject | undefined {
  const file = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].find((name) => existsSync(join(folder, name)));
  if (file === undefined) return undefined;
  const { runtime, main = "." } = read(join(folder, file));
  const isFolder = statSync(join(folder, main), { throwIfNoEntry: false })?.isDirectory() ?? false;
  return { file, runtime, program: normalize(isFolder ? join(main, "index.ts") : main) };
}

/**
 * The files that a folder is to have, but for those that its project has under other names: a second project file would be another project, and a
 * program that Pulumi does not run would mislead its readers.
 */
export function filesBeside(existing: ExistingProject | undefined, files: readonly ProjectFile[]): ProjectFile[] {
  if (!existing) return [...files];
  const { file, runtime = "nodejs", program } = existing;
  const isOurs = runtime === "nodejs" && !program.startsWith("..");
  return files
    .filter(({ path }) => path !== "index.ts" || isOurs)
    .map((each) => {
      if (each.path === "Pulumi.yaml")
        return { ...each, path: file, ...(runtime === "nodejs" ? {} : { advice: undefined }) };
      return each.path === "index.ts" ? { ...each, path: program } : each;
    });
}

function read(path: string): z.output<typeof projectFile> {
  try {
    return projectFile.parse(parse(readFileSync(path, "utf8")));
  } catch {
    return {};
  }
}
