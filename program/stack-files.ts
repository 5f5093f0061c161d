import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { parseSource } from "../topology/file/source.ts";
import type { Location } from "../topology/findings/finding.ts";
import type { ProjectStacks, StackName, StackSettings } from "../topology/plan/ownership.ts";

const stackFile = z.object({
  config: z.record(z.string(), z.unknown()).default({}),
  /** ESC environments, by name or written out. */
  environment: z.unknown().optional(),
});
const projectFile = z.object({ name: z.string() });

/** The stacks of a project that have a `Pulumi.<stack>.yaml`. */
export function configuredStacks(directory: string): string[] {
  return readdirSync(directory)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/**
 * The content of a stack's `Pulumi.<stack>.yaml`; nothing where there is no such file.
 * @throws Error if it is not YAML
 */
export function stackConfig(stack: string, directory: string): Readonly<Record<string, unknown>> {
  return parsedStackFile(stack, directory)?.config ?? {};
}

/**
 * True if a stack's file says where its kubeconfig comes from: by `bigpeer:kubeconfig`, or by an ESC environment, whose
 * values only Pulumi Cloud knows.
 * @throws Error if it is not YAML
 */
export function configuresKubeconfig(stack: string, directory: string): boolean {
  const file = parsedStackFile(stack, directory);
  return file?.environment !== undefined || file?.config["bigpeer:kubeconfig"] !== undefined;
}

function parsedStackFile(stack: string, directory: string): z.output<typeof stackFile> | undefined {
  const text = textOf(join(directory, `Pulumi.${stack}.yaml`));
  return stackFile.safeParse(text === undefined ? {} : parse(text)).data;
}

/** The topology file that a stack's configuration names, relative to the project's folder. */
export function topologyIn(config: Readonly<Record<string, unknown>>, stack: string): string {
  const topology = config["bigpeer:topology"];
  return typeof topology === "string" ? topology : `topologies/${stack}.yaml`;
}

/** The keys of a stack's file that decide which clusters it owns. */
export function settingsOf(
  name: StackName,
  directory: string,
  config: Readonly<Record<string, unknown>>,
): StackSettings {
  const kubeconfig = config["bigpeer:kubeconfig"];
  return {
    name,
    clusters: config["bigpeer:clusters"],
    kubeconfig: kubeconfig === undefined ? undefined : JSON.stringify(kubeconfig),
    at: (key) => placeOf(`bigpeer:${key}`, name.stack, directory),
  };
}

/** The stacks of a project, by whether they run a topology. */
export function projectStacks(topology: string, directory: string): ProjectStacks {
  const sharing: StackSettings[] = [];
  const elsewhere = new Map<string, { topology: string; at: () => Location }>();
  const project = projectName(directory);
  for (const stack of configuredStacks(directory)) {
    const config = stackConfigOrNone(stack, directory);
    const file = topologyIn(config, stack);
    if (resolve(directory, file) === resolve(topology)) sharing.push(settingsOf({ project, stack }, directory, config));
    else elsewhere.set(stack, { topology: file, at: () => placeOf("bigpeer:topology", stack, directory) });
  }
  return { project, sharing, elsewhere };
}

/** The same, or nothing where the file is not YAML: Pulumi itself refuses to run such a stack. */
export function stackConfigOrNone(stack: string, directory: string): Readonly<Record<string, unknown>> {
  try {
    return stackConfig(stack, directory);
  } catch {
    return {};
  }
}

/** The place at which a stack's file sets a key, or its first line where it does not. */
function placeOf(key: string, stack: string, directory: string): Location {
  const path = join(directory, `Pulumi.${stack}.yaml`);
  const fromHere = relative(process.cwd(), path);
  const file = fromHere.startsWith("..") ? path : fromHere;
  const text = textOf(path);
  const source = text === undefined ? undefined : parseSource(file, text);
  // A key that does not exist would be given the place of the nearest one around it.
  const range = source?.rangeOf(["config", key]);
  return source && range ? source.locate(["config", key]) : { file, line: 1, column: 1 };
}

function projectName(directory: string): string | undefined {
  try {
    return projectFile.safeParse(parse(readFileSync(join(directory, "Pulumi.yaml"), "utf8"))).data?.name;
  } catch {
    return undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
