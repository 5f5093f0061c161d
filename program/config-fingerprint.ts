import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { fingerprint } from "../topology/objects/stack-share.ts";

const configured = z.looseObject({
  config: z.record(z.string(), z.unknown()).nullish(),
  environment: z.unknown().optional(),
});
const project = z.looseObject({ name: z.string(), config: z.record(z.string(), z.unknown()).nullish() });

/** What a stack is configured with, as it is written: secrets as they are encrypted.
 * @returns undefined where it cannot be told from the files, as with an ESC environment, of which only Pulumi Cloud knows what it gives */
export function configFingerprint(stack: string, directory: string): string | undefined {
  const read = filesOf(stack, directory);
  return read && fingerprint({ project: read.project, config: read.config });
}

/**
 * True if a run is configured by the files of its stack alone: `pulumi up --config-file` takes another file.
 * @param running the run's whole configuration, by `<namespace>:<key>`
 */
export function isConfigOfFiles(stack: string, directory: string, running: Readonly<Record<string, string>>): boolean {
  const read = filesOf(stack, directory);
  if (!read) return false;
  const full = (key: string) => (key.includes(":") ? key : `${read.project.name}:${key}`);
  const ofStack = new Map(Object.entries(read.config).map(([key, value]) => [full(key), value]));
  const ofProject = new Set(Object.keys(read.project.config ?? {}).map(full));
  const known = Object.keys(running).every(
    (key) => ofStack.has(key) || ofProject.has(key) || key.startsWith("pulumi:"),
  );
  return known && [...ofStack].every(([key, value]) => key.startsWith("pulumi:") || isWritten(value, running[key]));
}

/** A secret is only there in the run's configuration, and encrypted in the file. */
function isWritten(value: unknown, running: string | undefined): boolean {
  if (running === undefined) return false;
  if (typeof value !== "object" || value === null) return running === String(value);
  const text = JSON.stringify(value);
  return text.includes('"secure":') || running === text;
}

function filesOf(stack: string, directory: string) {
  const own = join(directory, `Pulumi.${stack}.yaml`);
  try {
    const read = configured.parse(existsSync(own) ? (parse(readFileSync(own, "utf8")) ?? {}) : {});
    if (read.environment !== undefined) return undefined;
    const said = project.parse(parse(readFileSync(join(directory, "Pulumi.yaml"), "utf8")));
    return { project: said, config: read.config ?? {} };
  } catch {
    return undefined;
  }
}
